namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Stands in for the package Microsoft.Extensions.Http.Resilience.</summary>
public static class ResilienceHttpClientBuilderExtensions
{
    /// <summary>Limits, repeats and breaks the client's requests with that package's defaults, but for its rate limiter.</summary>
    public static IHttpClientBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder) =>
        builder.AddHttpMessageHandler(services => new StandardResilienceHandler(services.GetService<TimeProvider>() ?? TimeProvider.System));
}
