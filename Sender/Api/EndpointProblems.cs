using System.Globalization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Sender.Endpoints;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Api;

/// <summary>The error answers of the routes of endpoints.</summary>
internal static class EndpointProblems
{
    /// <summary>The answer is the same for an endpoint of another merchant and for one that never existed.</summary>
    public static ProblemHttpResult NotFound() => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);

    public static ProblemHttpResult Full() => TypedResults.Problem(
        title: $"A merchant has at most {EndpointStore.MaxPerMerchant} endpoints.",
        detail: "Delete an endpoint that is no longer needed.", statusCode: StatusCodes.Status409Conflict);

    /// <param name="reason">The reason why the endpoint is inactive.</param>
    public static ProblemHttpResult CannotReactivate(string? reason) => reason == EndpointStates.ByMerchant
        ? NoSecret()
        : TypedResults.Problem(
            title: "Only an administrator can reactivate the endpoint.",
            detail: "The endpoint was made inactive because it failed too often or answered 410.",
            statusCode: StatusCodes.Status409Conflict);

    public static ProblemHttpResult NoSecret() => TypedResults.Problem(
        title: "The endpoint has no secret.", detail: "Rotate its secret first.", statusCode: StatusCodes.Status409Conflict);

    public static ProblemHttpResult Unreadable() => TypedResults.Problem(
        title: "The endpoint's secrets or headers cannot be decrypted.", detail: "Set its headers again and rotate its secret.",
        statusCode: StatusCodes.Status409Conflict);

    public static ProblemHttpResult TooManySecrets() => TypedResults.Problem(
        title: $"An endpoint has at most {EndpointSecretRotation.MaxSigning} signing secrets.",
        detail: "Wait until a previous secret has expired, or rotate with a shorter overlap, which also shortens theirs.",
        statusCode: StatusCodes.Status409Conflict);

    /// <summary>Retry-After contains the time until another ping can be sent.</summary>
    public static ProblemHttpResult TooManyPings(HttpResponse response, int retryAfter)
    {
        response.Headers.RetryAfter = retryAfter.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Problem(
            title: "Too many pings.", detail: "The number of pings per minute of a merchant is limited.",
            statusCode: StatusCodes.Status429TooManyRequests);
    }

    /// <summary>The URL is refused because of its answer to a ping.</summary>
    public static ProblemHttpResult Unreachable(PingView ping)
    {
        var errors = new FieldErrors();
        errors.Add("url", ping.Detail);
        return TypedResults.Problem(new HttpValidationProblemDetails(errors.All.ToDictionary(StringComparer.Ordinal))
        {
            Status = StatusCodes.Status422UnprocessableEntity, Title = "The endpoint cannot be reached.",
            Extensions = { ["ping"] = ping },
        });
    }
}
