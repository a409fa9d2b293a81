using System.Diagnostics;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.ServiceDefaults.Logging;

/// <summary>What a route knows of its request for the log entry of the request. Routes find it among the features.</summary>
public sealed class RequestFacts
{
    private const string Unmatched = "unmatched";

    /// <summary>Whether a webhook was a duplicate; null for other requests.</summary>
    public bool? IsDuplicate { get; set; }

    /// <summary>The path without anything that an unknown caller wrote; null to use the route's pattern.</summary>
    public string? Path { get; set; }

    /// <summary>True for a request that is counted and not logged, because an overload causes very many of them.</summary>
    public bool IsCountedOnly { get; set; }

    /// <summary>Returns the facts of a request, which are created when they are first asked for.</summary>
    internal static RequestFacts Of(HttpContext context)
    {
        if (context.Features.Get<RequestFacts>() is { } known)
        {
            return known;
        }

        var facts = new RequestFacts();
        context.Features.Set(facts);
        return facts;
    }

    /// <summary>Returns the path, the pattern of the route or <c>unmatched</c>: nothing that the caller wrote.</summary>
    internal string RouteOf(HttpContext context)
    {
        // The exception handler takes the endpoint away.
        var endpoint = context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        return Path ?? (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? Unmatched;
    }

    /// <summary>Returns the status of the answer; 499 when the caller disconnected before it.</summary>
    internal static int StatusOf(HttpContext context) =>
        context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted
            ? StatusCodes.Status499ClientClosedRequest
            : context.Response.StatusCode;
}

/// <summary>
/// Logs one entry for each request, when it is answered (event 1301). The path is the caller's only when a token was valid.
/// Otherwise nothing that the caller wrote may reach a log, so it is the pattern of the route, such as <c>/events/{id:guid}</c>,
/// or <c>unmatched</c>. Probes of the health routes are logged at level Debug.
/// </summary>
internal sealed class RequestLog(ILogger<RequestLog> logger, Redactor redactor, TimeProvider time) : IStartupFilter
{
    private const int MaxPath = 256;

    private static readonly EventId Event = new(1301, "Request");
    private static readonly Func<RequestLine, Exception?, string> Format = (line, _) => line.ToString();

    private static readonly string[] Methods =
    [
        HttpMethods.Get, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete, HttpMethods.Head,
        HttpMethods.Options,
    ];

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(LogAsync);
        next(app);
    };

    private async Task LogAsync(HttpContext context, RequestDelegate next)
    {
        var level = LevelOf(context.Request);
        if (!logger.IsEnabled(level))
        {
            await next(context);
            return;
        }

        var facts = RequestFacts.Of(context);
        var start = time.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            if (!facts.IsCountedOnly)
            {
                logger.Log(level, Event, Line(context, facts, time.GetElapsedTime(start)), null, Format);
            }
        }
    }

    private static LogLevel LevelOf(HttpRequest request) =>
        request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase)
        || request.Path.StartsWithSegments("/alive", StringComparison.OrdinalIgnoreCase)
            ? LogLevel.Debug
            : LogLevel.Information;

    private RequestLine Line(HttpContext context, RequestFacts facts, TimeSpan took) => new(
        Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier,
        Array.Find(Methods, method => HttpMethods.Equals(method, context.Request.Method)) ?? "_OTHER",
        Path(context, facts),
        RequestFacts.StatusOf(context),
        Math.Round(took.TotalMilliseconds, 3),
        facts.IsDuplicate);

    private string Path(HttpContext context, RequestFacts facts)
    {
        if (context.User.Identity is { IsAuthenticated: true })
        {
            var path = redactor.Redact(context.Request.Path.Value ?? "");
            return path.Length > MaxPath ? path[..MaxPath] : path;
        }

        return facts.RouteOf(context);
    }
}
