using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>
/// The JSON files that configuration comes from. While the service runs, one that is no JSON, because it is half-written or
/// has a slip in it, counts as empty from then on: what it said would be gone with the next change of any other file.
/// </summary>
internal static class ConfigurationFiles
{
    private static readonly JsonDocumentOptions Json = new() { CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true };

    /// <summary>Calls back with the path of a changed file that is no JSON.</summary>
    public static void Watch(IConfiguration configuration, Action<string> unreadable)
    {
        foreach (var file in In(configuration))
        {
            file.Source.OnLoadException = context => unreadable(context.Provider.Source.Path!);
        }
    }

    /// <summary>An error for each file of which nothing is in force, though it says something.</summary>
    public static IEnumerable<string> Errors(IConfiguration configuration) => In(configuration)
        .Where(file => !file.GetChildKeys([], null).Any()
            && file.Source.FileProvider?.GetFileInfo(file.Source.Path!) is { Exists: true } info && !IsEmptyObject(info))
        .Select(file => $"{file.Source.Path} could not be read.");

    private static IEnumerable<JsonConfigurationProvider> In(IConfiguration configuration) =>
        (configuration as IConfigurationRoot)?.Providers.OfType<JsonConfigurationProvider>() ?? [];

    private static bool IsEmptyObject(IFileInfo file)
    {
        try
        {
            using var stream = file.CreateReadStream();
            using var document = JsonDocument.Parse(stream, Json);
            return document.RootElement.ValueKind == JsonValueKind.Object && !document.RootElement.EnumerateObject().Any();
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
