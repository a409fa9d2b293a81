using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>
/// Watches the JSON files of the configuration. If a file is invalid JSON while the service runs, for example because it is
/// half-written, .NET treats it as empty, and its settings would be lost at the next change of any other file.
/// </summary>
internal static class ConfigurationFiles
{
    private static readonly JsonDocumentOptions Json = new() { CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true };

    /// <summary>Calls <paramref name="unreadable"/> with the path of a changed file that is invalid JSON.</summary>
    public static void Watch(IConfiguration configuration, Action<string> unreadable)
    {
        foreach (var file in In(configuration))
        {
            file.Source.OnLoadException = context => unreadable(context.Provider.Source.Path!);
        }
    }

    /// <summary>Returns an error for each file that has content but no settings in force.</summary>
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
