using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Replaces a service's name by its address from <c>services:{name}:{scheme}:0</c>. The schemes in front of the name
/// are tried in their order; a name that is not configured is taken for a host.</summary>
internal sealed class ServiceDiscoveryHandler(IConfiguration configuration) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is { } uri)
        {
            request.RequestUri = Resolve(uri);
        }

        return base.SendAsync(request, cancellationToken);
    }

    private Uri Resolve(Uri uri)
    {
        var schemes = uri.Scheme.Split('+');
        foreach (var scheme in schemes)
        {
            if (configuration[$"services:{uri.Host}:{scheme}:0"] is { } address)
            {
                var service = new Uri(address);
                return new UriBuilder(uri) { Scheme = service.Scheme, Host = service.Host, Port = service.Port }.Uri;
            }
        }

        return schemes.Length == 1 ? uri : new UriBuilder(uri) { Scheme = schemes[0] }.Uri;
    }
}
