using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace Aspire.Hosting;

/// <summary>The .NET user secrets of this application: a JSON file in the user's home, where Aspire keeps generated values too.</summary>
internal static class UserSecrets
{
    private static readonly Lock Lock = new();
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static IReadOnlyDictionary<string, string?> Read() =>
        Load().ToDictionary(secret => secret.Key, secret => secret.Value?.ToString(), StringComparer.OrdinalIgnoreCase);

    public static void Write(string key, string value)
    {
        lock (Lock)
        {
            var secrets = Load();
            secrets[key] = value;
            Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new StreamWriter(FilePath, options);
            file.Write(secrets.ToJsonString(Indented));
        }
    }

    private static string FilePath => PathHelper.GetSecretsPathFromSecretsId(Projects.AppHost.UserSecretsId);

    private static JsonObject Load() =>
        File.Exists(FilePath) ? (JsonObject)JsonNode.Parse(File.ReadAllText(FilePath))! : [];
}
