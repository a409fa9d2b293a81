using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace OpenTelemetry.Instrumentation.AspNetCore;

/// <summary>Gives ASP.NET Core's own request activity the tags and the name that OpenTelemetry's HTTP conventions ask for.</summary>
internal sealed class RequestTracing(AspNetCoreTraceInstrumentationOptions options) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(TraceAsync);
        next(app);
    };

    private Task TraceAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } activity)
        {
            return next(context);
        }

        if (options.Filter?.Invoke(context) != false)
        {
            return TagAsync(activity, context, next);
        }

        // What the request causes is its child and therefore not exported either.
        activity.IsAllDataRequested = false;
        activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        return next(context);
    }

    private static async Task TagAsync(Activity activity, HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        activity.SetTag("http.request.method", request.Method);
        activity.SetTag("url.scheme", request.Scheme);
        activity.SetTag("url.path", request.Path.Value);
        activity.SetTag("server.address", request.Host.Host);
        activity.SetTag("network.protocol.version", request.Protocol.Replace("HTTP/", "", StringComparison.Ordinal));
        try
        {
            await next(context);
            End(activity, context, context.Response.StatusCode, error: null);
        }
        catch (Exception exception)
        {
            End(activity, context, StatusCodes.Status500InternalServerError, exception);
            throw;
        }
    }

    private static void End(Activity activity, HttpContext context, int status, Exception? error)
    {
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        activity.DisplayName = string.IsNullOrEmpty(route) ? context.Request.Method : $"{context.Request.Method} {route}";
        activity.SetTag("http.route", route);
        activity.SetTag("http.response.status_code", status);
        if (error is not null)
        {
            activity.AddException(error);
        }

        if (status < StatusCodes.Status500InternalServerError)
        {
            return;
        }

        activity.SetTag("error.type", error?.GetType().FullName ?? status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        activity.SetStatus(ActivityStatusCode.Error);
    }
}
