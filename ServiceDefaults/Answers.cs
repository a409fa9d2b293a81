using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>How services answer: JSON in snake_case, errors as ProblemDetails (RFC 9457) under the trace id.</summary>
internal static class Answers
{
    public static void AddAnswers(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;

            // Of two members with one name, whoever looked at the request on its way may have seen the other.
            json.SerializerOptions.AllowDuplicateProperties = false;
        });
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = NameTrace);

        // In Development a parameter or body that cannot be read would throw, and then be answered 500 instead of 400.
        services.PostConfigure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
    }

    // The id alone, as logs and dashboards know it; ASP.NET Core writes the whole traceparent.
    private static void NameTrace(ProblemDetailsContext context)
    {
        if (Activity.Current is { } activity)
        {
            context.ProblemDetails.Extensions["trace_id"] = activity.TraceId.ToHexString();
        }
    }
}
