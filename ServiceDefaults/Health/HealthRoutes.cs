using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Webhooks.ServiceDefaults.Health;

internal static class HealthRoutes
{
    public const string LiveTag = "live";

    // Enough for a healthy dependency. Without a limit, a check would wait as long as Npgsql tries to connect: 15 s, longer than
    // any probe waits.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void LimitTime(HealthCheckServiceOptions options)
    {
        foreach (var check in options.Registrations.Where(check => check.Timeout == Timeout.InfiniteTimeSpan))
        {
            check.Timeout = Patience;
        }
    }

    // The routes are mapped in all environments, because container platforms probe them. They report only up or down.
    public static void Map(IEndpointRouteBuilder app)
    {
        Open(app.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = IsLiveness }));
        Open(app.MapHealthChecks("/health"));
        Open(app.MapHealthChecks("/health/live", new HealthCheckOptions
        {
            Predicate = IsLiveness,
            ResponseWriter = (context, _) => WriteAsync(context, "alive"),
        }));
        Open(app.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            ResponseWriter = (context, report) =>
                WriteAsync(context, report.Status == HealthStatus.Unhealthy ? "unavailable" : "ready"),
        }));
    }

    // A probe has no credential and must not be refused under load.
    private static void Open(IEndpointConventionBuilder endpoint) => endpoint.AllowAnonymous().DisableRateLimiting();

    private static bool IsLiveness(HealthCheckRegistration check) => check.Tags.Contains(LiveTag);

    private static Task WriteAsync(HttpContext context, string status)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($$"""{"status":"{{status}}"}""", context.RequestAborted);
    }
}
