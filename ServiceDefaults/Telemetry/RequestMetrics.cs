using System.Diagnostics.Metrics;
using Aspire.Webhooks.ServiceDefaults.Logging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.ServiceDefaults.Telemetry;

/// <summary>
/// Defines <c>http.requests</c>, which counts answered requests by path and status. The path is that of a source or the pattern
/// of a route, and all other paths are <c>unmatched</c>: each value creates a time series, and callers choose paths.
/// </summary>
internal sealed class RequestMetrics : IStartupFilter
{
    private static readonly Counter<long> Requests = WebhookTelemetry.Meter.CreateCounter<long>(
        "http.requests", "{request}", "Answered requests by path and status.");

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(CountAsync);
        next(app);
    };

    private static async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        var facts = RequestFacts.Of(context);
        try
        {
            await next(context);
        }
        finally
        {
            if (Requests.Enabled)
            {
                Requests.Add(1, new("path", facts.RouteOf(context)), new("status", RequestFacts.StatusOf(context)));
            }
        }
    }
}
