using System.Diagnostics;
using System.Security.Claims;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Sender.Messages;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Sender.Api;

public static class PublishRoute
{
    private const string Path = "/api/v1/messages";

    /// <summary><c>POST /api/v1/messages</c>.</summary>
    public static void MapPublishing(this WebApplication app) => app
        .MapApi(Path, Scope.MessagesWrite, ApiRoutes.Applications)
        .MapPost("/", PublishAsync)
        .ReadsBody()
        .WithMetadata(new RequestSizeLimitAttribute(PublishRequest.MaxBodyBytes))
        .WithSummary("Publish a message to a merchant's endpoints.")
        .WithDescription(
            $"With an {PublishRequest.KeyHeader} (1 to 255 visible ASCII characters), a repeated request changes nothing and "
                + "has the answer of the first. 409: the key was used with another event_type or payload. 422: event_type is "
                + "not in the catalog.")
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity);

    private static async Task<Results<Accepted<MessageSummary>, ValidationProblem, ProblemHttpResult>> PublishAsync(
        Body<PublishRequest> body, HttpRequest http, ClaimsPrincipal user, EventTypeCatalog types, PublishService publisher,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        if (MerchantOf(user, body.Value, errors) is not { } merchant)
        {
            http.HttpContext.SetChallenge(BearerTokens.InsufficientScope);
            return TypedResults.Problem(
                "The token does not allow publishing for this merchant.",
                statusCode: StatusCodes.Status403Forbidden);
        }

        if (body is not { Value: { } request })
        {
            return body.Problem!;
        }

        var type = errors.Text("event_type", request.EventType ?? "")!;
        var payload = request.ReadPayload(errors);
        var key = PublishRequest.ReadKey(http.Headers[PublishRequest.KeyHeader], errors);
        if (errors.Any)
        {
            return errors.ToBadRequest();
        }

        if (payload.Length > PublishRequest.MaxPayloadBytes)
        {
            return TypedResults.Problem(
                $"payload can have at most {PublishRequest.MaxPayloadBytes} bytes.",
                statusCode: StatusCodes.Status413PayloadTooLarge);
        }

        if (!types.Knows(type))
        {
            errors.Add("event_type", "event_type must be one of GET /api/v1/event-types.");
            return errors.ToUnprocessable();
        }

        // The caller is authenticated, so the message continues the caller's trace.
        using var activity = WebhookTelemetry.StartFrom(CallerTrace.Of(http), "webhook.publish");
        var message = new NewMessage(merchant, type, payload, publisher.Key(key)) { Traceparent = Activity.Current?.Id };
        var published = await publisher.PublishAsync(message, cancellationToken);
        return published.IsNew || published.IsSame
            ? TypedResults.Accepted($"{Path}/{published.Id}", new MessageSummary(published.Id, type, published.CreatedAt))
            : TypedResults.Problem(
                $"The {PublishRequest.KeyHeader} was used with another event_type or payload.",
                statusCode: StatusCodes.Status409Conflict);
    }

    // Returns null when the token does not allow the merchant, or allows none.
    private static string? MerchantOf(ClaimsPrincipal user, PublishRequest? request, FieldErrors errors)
    {
        if (Merchant.Of(user) is { } own)
        {
            return (request?.MerchantId ?? own) == own ? own : null;
        }

        if (user.HasClaim(claim => claim.Type == Merchant.Claim) || !Scope.Admin.IsGrantedTo(user))
        {
            return null;
        }

        var named = request?.MerchantId;
        return errors.Text("merchant_id", string.IsNullOrWhiteSpace(named) ? "" : named, Merchant.MaxLength);
    }
}
