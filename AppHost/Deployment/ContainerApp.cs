using Aspire.Hosting.Publishing;

namespace Aspire.Webhooks.AppHost.Deployment;

/// <summary>
/// The container app that a service is deployed to: the module <c>service.bicep</c>, with the environment of the service.
/// </summary>
internal sealed class ContainerApp(ProjectResource service, string file) : AzureModule($"{service.Name}-app", file)
{
    /// <summary>The secrets that the service reads as files, by their path.</summary>
    public Dictionary<string, VaultSecret> Files { get; } = new(StringComparer.Ordinal);

    public override async Task WriteAsync(ManifestPublishingContext context)
    {
        var variables = await EnvironmentAsync(context);
        Parameters["settings"] = Json(context, variables.Where(variable => variable.Value is not VaultSecret));
        Parameters["references"] = Json(context, variables.Where(variable => variable.Value is VaultSecret));
        Parameters["files"] = Json(context, Files.Select(file => KeyValuePair.Create(file.Key, (object)file.Value)));
        await base.WriteAsync(context);
    }

    private async Task<Dictionary<string, object>> EnvironmentAsync(ManifestPublishingContext context)
    {
        var variables = new Dictionary<string, object>(StringComparer.Ordinal);
        var callbacks = new EnvironmentCallbackContext(context.ExecutionContext, service, variables, context.CancellationToken);
        foreach (var annotation in service.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            await annotation.Callback(callbacks);
        }

        return variables;
    }

    // azd passes only texts to the module of a service, so this is JSON in a text. azd takes a brace for the beginning of an
    // expression unless it is doubled, and writes the text into a Bicep file between single quotes.
    private static string Json(ManifestPublishingContext context, IEnumerable<KeyValuePair<string, object>> values)
    {
        var members = values.Select(value => $"\"{value.Key}\":\"{Checked(value.Key, Expression(context, value.Value))}\"");
        return $"{{{{{string.Join(',', members)}}}}}";
    }

    private static string Checked(string key, string value) => value.AsSpan().ContainsAny('"', '\'', '\\')
        ? throw new InvalidOperationException($"The value of {key} has a quote or a backslash, which azd cannot pass on.")
        : value;
}
