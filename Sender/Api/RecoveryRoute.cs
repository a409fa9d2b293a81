using System.Security.Claims;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Sender.Messages;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Api;

/// <summary>A request to send missed deliveries of an endpoint again.</summary>
/// <param name="Since">The start of the time range in which the messages were published, inclusive; RFC 3339.</param>
/// <param name="Until">The end of the time range, exclusive; RFC 3339. The default is now.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RecoverRequest(string? Since = null, string? Until = null);

/// <summary>The result of a recovery.</summary>
/// <param name="Count">The number of deliveries that were queued.</param>
public sealed record RecoverResponse(long Count);

public static class RecoveryRoute
{
    /// <summary><c>POST /api/v1/webhooks/{id}/recover</c>.</summary>
    public static void MapRecovery(this WebApplication app) => app.MapMerchantGroup("/api/v1/webhooks", Scope.WebhooksWrite)
        .MapPost("/{id:guid}/recover", RecoverAsync).Writes(Scope.WebhooksWrite).ReadsBody()
        .WithSummary("Send the deliveries again that an endpoint missed since a time.")
        .WithDescription(
            "Queues its deliveries that are failed, skipped or cancelled, oldest first. 409: the endpoint is inactive.")
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
