using System.Net;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>Maps <c>/metrics</c>. See <see cref="MetricsOptions"/> for who may read it.</summary>
internal static class MetricsRoutes
{
    private const string Pattern = "/metrics";

    /// <summary>Maps the route at the ports of the service, unless it has a port of its own or is off.</summary>
    public static void Map(WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<MetricsOptions>>().Value;
        if (options.Port == 0 && options.IsEnabled(app.Environment.IsDevelopment()))
        {
            var metrics = app.Services.GetRequiredService<MeterProvider>();
            Map(app, metrics, options, options.HasToken ? null : ForThisMachine);
        }
    }

    /// <summary>Maps the route.</summary>
    /// <param name="check">The first middleware of the route; null for none.</param>
    public static void Map(
        IEndpointRouteBuilder app, MeterProvider metrics, MetricsOptions options,
        Func<HttpContext, RequestDelegate, Task>? check = null) =>
        app.MapPrometheusScrapingEndpoint(
            Pattern,
            metrics,
            route =>
            {
                if (check is not null)
                {
                    route.Use(check);
                }

                if (options.HasToken)
                {
                    route.Use((context, next) => WithTokenAsync(options.Token!, context, next));
                }
            },
            optionsName: null);

    private static Task WithTokenAsync(Secret token, HttpContext context, RequestDelegate next)
    {
        if (BearerToken.Of(context.Request) is { } given && new Secret(given).Equals(token))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }

    // The host as well: a page from elsewhere can make its own name resolve to this machine.
    private static Task ForThisMachine(HttpContext context, RequestDelegate next)
    {
        if (context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            && LocalPages.IsLocal(context.Request.Host.Host))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}
