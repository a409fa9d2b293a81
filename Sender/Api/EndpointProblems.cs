using System.Globalization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Sender.Endpoints;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Api;

/// <summary>What the routes about endpoints are refused with.</summary>
internal static class EndpointProblems
{
    /// <summary>The same for another merchant's endpoint and for one that never was.</summary>
    public static ProblemHttpResult NotFound() => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);

    public static ProblemHttpResult Full() => TypedResults.Problem(
        title: $"A merchant has at most {EndpointStore.MaxPerMerchant} endpoints.",
        detail: "Delete one that is not needed any more.", statusCode: StatusCodes.Status409Conflict);

    /// <param name="reason">Why the endpoint is inactive.</param>
    public static ProblemHttpResult CannotReactivate(string? reason) => reason == EndpointStates.ByMerchant
        ? NoSecret()
        : TypedResults.Problem(
            title: "An administrator reactivates it.",
            detail: "The endpoint was made inactive because it failed too often or answered 410.",
            statusCode: StatusCodes.Status409Conflict);

    public static ProblemHttpResult NoSecret() => TypedResults.Problem(
        title: "The endpoint has no secret.", detail: "Rotate its secret first.", statusCode: StatusCodes.Status409Conflict);

    public static ProblemHttpResult Unreadable() => TypedResults.Problem(
        title: "The endpoint's secrets or headers cannot be decrypted.", detail: "Set its headers anew and rotate its secret.",
        statusCode: StatusCodes.Status409Conflict);

    public static ProblemHttpResult TooManySecrets() => TypedResults.Problem(
        title: $"At most {SecretRotation.MaxSigning} secrets of an endpoint sign at once.",
        detail: "Wait until one of those before has expired, or rotate with a shorter overlap, which shortens theirs too.",
        statusCode: StatusCodes.Status409Conflict);

    /// <summary>Says in Retry-After when another ping can be sent.</summary>
    public static ProblemHttpResult TooManyPings(HttpResponse response, int retryAfter)
    {
        response.Headers.RetryAfter = retryAfter.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Problem(
            title: "Too many pings.", detail: "A merchant's endpoints are tried so many times a minute.",
            statusCode: StatusCodes.Status429TooManyRequests);
    }

    /// <summary>The URL is refused for how it answered.</summary>
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
