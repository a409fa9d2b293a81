using Aspire.Hosting.Publishing;

namespace Aspire.Webhooks.AppHost.Deployment;

/// <summary>
/// A Bicep module of <c>deploy/azure</c>. The manifest gets an entry of the type that azd deploys, and the module is copied
/// beside the manifest.
/// </summary>
/// <param name="name">The name of the resource.</param>
/// <param name="file">The path of the module.</param>
internal class AzureModule(string name, string file) : Resource(name)
{
    /// <summary>The parameters of the module: texts, and what has a value after the deployment.</summary>
    public Dictionary<string, object> Parameters { get; } = new(StringComparer.Ordinal);

    /// <summary>Returns an output of the module.</summary>
    public AzureOutput Output(string name) => new(this, name);

    /// <summary>Writes a value as an expression of the manifest.</summary>
    /// <exception cref="InvalidOperationException">The value cannot be in the manifest.</exception>
    protected static string Expression(ManifestPublishingContext context, object value)
    {
        if (value is string text)
        {
            return text;
        }

        context.TryAddDependentResources(value);
        return value is IManifestExpressionProvider provider
            ? provider.ValueExpression
            : throw new InvalidOperationException($"A {value.GetType().Name} cannot be in the manifest.");
    }

    /// <summary>Writes the entry of the manifest.</summary>
    public virtual Task WriteAsync(ManifestPublishingContext context)
    {
        // azd reads no other file of the module. Beside the manifest, the path is also valid when the repository is on another
        // drive than azd's temporary folder.
        var copy = $"{Name}.bicep";
        File.Copy(file, Path.Combine(Path.GetDirectoryName(Path.GetFullPath(context.ManifestPath))!, copy), overwrite: true);
        context.Writer.WriteString("type", "azure.bicep.v0");
        context.WriteConnectionString(this);
        context.Writer.WriteString("path", copy);
        context.Writer.WriteStartObject("params");
        foreach (var (name, value) in Parameters)
        {
            context.Writer.WriteString(name, Expression(context, value));
        }

        context.Writer.WriteEndObject();
        return Task.CompletedTask;
    }
}

/// <summary>An output of a module. Outputs are stored with the deployment, so none is a secret.</summary>
internal class AzureOutput(AzureModule module, string name) : IManifestExpressionProvider, IValueProvider
{
    public string ValueExpression => $"{{{module.Name}.outputs.{name}}}";

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException($"{ValueExpression} has no value before the deployment.");
}

/// <summary>The address of a secret in the key vault, which the container app replaces by its value.</summary>
internal sealed class VaultSecret(AzureModule module) : AzureOutput(module, "secretUri");

/// <summary>A store in Azure.</summary>
/// <param name="name">The name of the resource.</param>
/// <param name="file">The path of the module.</param>
/// <param name="connection">Returns the connection string of the services, from outputs of the module.</param>
internal sealed class AzureStore(string name, string file, Func<AzureModule, ReferenceExpression> connection)
    : AzureModule(name, file), IResourceWithConnectionString
{
    public ReferenceExpression ConnectionStringExpression => connection(this);
}
