namespace Aspire.Hosting.ApplicationModel;

public enum EndpointProperty
{
    Url,
    Host,
    Port,
}

public sealed class EndpointAnnotation(string name, string uriScheme)
{
    public string Name { get; } = name;

    public string UriScheme { get; } = uriScheme;

    /// <summary>The port asked for; null for any free one.</summary>
    public int? Port { get; init; }

    /// <summary>The variable that tells the process its port.</summary>
    internal string? EnvironmentVariable { get; init; }

    internal int? AllocatedPort { get; set; }
}

public class EndpointReference(IResourceWithEndpoints owner, EndpointAnnotation endpoint) : IValueProvider
{
    public IResourceWithEndpoints Resource => owner;

    public string EndpointName => endpoint.Name;

    public string Scheme => endpoint.UriScheme;

    public string Host { get; } = "localhost";

    public int Port => endpoint.AllocatedPort
        ?? throw new InvalidOperationException($"The endpoint '{EndpointName}' of '{owner.Name}' has no port before the application starts.");

    public string Url => $"{Scheme}://{Host}:{Port}";

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Url);
}

public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IValueProvider
{
    public EndpointReference Endpoint => endpointReference;

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(property switch
    {
        EndpointProperty.Url => Endpoint.Url,
        EndpointProperty.Host => Endpoint.Host,
        _ => $"{Endpoint.Port}",
    });
}

public static class ResourceExtensions
{
    public static EndpointReference GetEndpoint(this IResourceWithEndpoints resource, string endpointName) =>
        resource.GetEndpoints().FirstOrDefault(e => e.EndpointName == endpointName)
        ?? throw new DistributedApplicationException($"'{resource.Name}' has no endpoint '{endpointName}'.");

    public static IEnumerable<EndpointReference> GetEndpoints(this IResourceWithEndpoints resource) =>
        ((Resource)resource).Endpoints.Select(endpoint => new EndpointReference(resource, endpoint));
}
