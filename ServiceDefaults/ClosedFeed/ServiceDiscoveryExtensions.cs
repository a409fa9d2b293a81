using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Stands in for the package Microsoft.Extensions.ServiceDiscovery.</summary>
public static class ServiceDiscoveryExtensions
{
    /// <summary>Adds what resolving service names needs: here nothing beyond the configuration.</summary>
    public static IServiceCollection AddServiceDiscovery(this IServiceCollection services) => services;

    /// <summary>Lets the client call services by name: <c>https+http://sender</c>.</summary>
    public static IHttpClientBuilder AddServiceDiscovery(this IHttpClientBuilder builder) =>
        builder.AddHttpMessageHandler(services => new ServiceDiscoveryHandler(services.GetRequiredService<IConfiguration>()));
}
