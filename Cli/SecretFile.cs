using Aspire.Webhooks.AppHost;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Cli;

/// <summary>Finds a secret in the environment, or in a <c>.env</c> file of the current folder or one above.</summary>
internal static class SecretFile
{
    /// <summary>Returns the value of the first key that is set; null when none is.</summary>
    public static Secret? Find(IReadOnlyList<string> keys)
    {
        var file = Read();
        foreach (var key in keys)
        {
            var value = Environment.GetEnvironmentVariable(key) is { Length: > 0 } set ? set : file.GetValueOrDefault(key);
            if (!string.IsNullOrEmpty(value))
            {
                return new Secret(value);
            }
        }

        return null;
    }

    private static IReadOnlyDictionary<string, string?> Read()
    {
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, ".env");
            if (File.Exists(path))
            {
                return DotEnv.Parse(File.ReadAllText(path));
            }
        }

        return new Dictionary<string, string?>(StringComparer.Ordinal);
    }
}
