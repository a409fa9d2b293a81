using System.Data.Common;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>
/// Configures the answers of the services: JSON in snake_case, and errors as ProblemDetails (RFC 9457) with the trace id.
/// </summary>
internal static class ProblemAnswers
{
    private const string RetryAfterSeconds = "5";

    public static void AddAnswers(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;

            // Of two members with the same name, a proxy may have validated the other one.
            json.SerializerOptions.AllowDuplicateProperties = false;
        });
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Complete);
        services.Configure<ExceptionHandlerOptions>(options => options.StatusCodeSelector = StatusOf);

        // In Development a parameter or body that cannot be read would throw and be answered 500 instead of 400.
        services.PostConfigure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
    }

    // A database that is unreachable, starting or full: the same request may succeed later.
    private static int StatusOf(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is DbException { IsTransient: true })
            {
                return StatusCodes.Status503ServiceUnavailable;
            }
        }

        return StatusCodes.Status500InternalServerError;
    }

    private static void Complete(ProblemDetailsContext context)
    {
        if (context is { Exception: not null, ProblemDetails.Status: StatusCodes.Status503ServiceUnavailable })
        {
            context.HttpContext.Response.Headers.RetryAfter = RetryAfterSeconds;
        }

        // Only the trace id, as logs and dashboards show it; ASP.NET Core writes the whole traceparent.
        if (Activity.Current is { } activity)
        {
            context.ProblemDetails.Extensions["trace_id"] = activity.TraceId.ToHexString();
        }
    }
}
