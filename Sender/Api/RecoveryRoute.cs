using System.Security.Claims;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Sender.Messages;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Api;

/// <summary>What an endpoint is to be sent after all.</summary>
/// <param name="Since">What was published at that time or later; RFC 3339.</param>
/// <param name="Until">What was published before that time; RFC 3339. Absent: up to now.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RecoverRequest(string? Since = null, string? Until = null);

/// <param name="Count">How many deliveries were queued.</param>
public sealed record RecoverResponse(long Count);

public static class RecoveryRoute
{
    /// <summary><c>POST /api/v1/webhooks/{id}/recover</c>.</summary>
    public static void MapRecovery(this WebApplication app) => app.MapMerchantGroup("/api/v1/webhooks", Scope.WebhooksWrite)
        .MapPost("/{id:guid}/recover", RecoverAsync).Writes(Scope.WebhooksWrite).ReadsBody()
        .WithSummary("Deliver to an endpoint what it missed since a time.")
        .WithDescription(
            "Queues each of its deliveries that has failed, was skipped or was cancelled, oldest first. 409: the endpoint is "
                + "inactive.")
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Results<Accepted<RecoverResponse>, ValidationProblem, ProblemHttpResult>> RecoverAsync(
        MerchantId merchant, Guid id, Body<RecoverRequest> body, Redelivery redelivery, ClaimsPrincipal user,
        CancellationToken cancellationToken)
    {
        if (body is not { Value: { } request })
        {
            return body.Problem!;
        }

        var errors = new FieldErrors();
        var (since, until) = errors.Span("", request.Since ?? "", request.Until);
        if (errors.Any)
        {
            return errors.ToBadRequest();
        }

        return await redelivery.RecoverAsync(merchant, id, since!.Value, until, Subject.Of(user), cancellationToken) switch
        {
            (RedeliveryResult.Queued, var count) => TypedResults.Accepted((string?)null, new RecoverResponse(count)),
            (RedeliveryResult.Inactive, _) =>
                TypedResults.Problem("The endpoint is inactive.", statusCode: StatusCodes.Status409Conflict),
            _ => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound),
        };
    }
}
