using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.ServiceDefaults.Telemetry;

/// <summary>
/// What the span of a request says. Until the caller is known, nothing that the caller wrote: method and route tell enough.
/// </summary>
internal static class RequestSpans
{
    private const string Path = "url.path";

    private static readonly string[] WrittenByTheCaller =
        [Path, "url.query", "server.address", "server.port", "user_agent.original", "http.request.method_original"];

    /// <summary>At its start: the caller's trace is a link.</summary>
    public static void Start(Activity span, HttpRequest request)
    {
        foreach (var tag in WrittenByTheCaller)
        {
            span.SetTag(tag, null);
        }

        if (CallerTrace.Of(request) is { } caller)
        {
            span.AddLink(new ActivityLink(caller));
        }
    }

    /// <summary>At its end: the path, where a token was valid.</summary>
    public static void End(Activity span, HttpResponse response)
    {
        if (response.HttpContext.User.Identity is { IsAuthenticated: true })
        {
            span.SetTag(Path, response.HttpContext.Request.Path.Value);
        }
    }
}
