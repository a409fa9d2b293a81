using System.Diagnostics;
using System.Text.Json;
using System.Text.Unicode;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary><c>POST /webhooks/{source}</c>: read, verify, store, answer.</summary>
public sealed class ReceiveEndpoint(
    SourceCatalog sources, IntakeQueue queue, IOptions<IntakeOptions> options, TimeProvider time, ILogger<ReceiveEndpoint> logger)
{
    public async Task<IResult> HandleAsync(string source, HttpContext context)
    {
        if (sources.Find(source) is not { } known)
        {
            return ReceiveMetrics.Count("unknown", "unknown_source", Problem(StatusCodes.Status404NotFound));
        }

        using var activity = WebhookTelemetry.Source.StartActivity("webhook.receive");
        activity?.SetTag("webhook.source", known.Name);
        try
        {
            var body = await RequestBody.ReadAsync(context, known.MaxBodyBytes);
            return await VerifyAndStoreAsync(known, context, body, activity);
        }
        catch (BadHttpRequestException exception)
        {
            ReceiveLog.Unreadable(logger, known.Name, exception.StatusCode);
            return ReceiveMetrics.Count(known.Name, "unreadable", Problem(exception.StatusCode));
        }
    }

    private async Task<IResult> VerifyAndStoreAsync(Source source, HttpContext context, byte[] body, Activity? activity)
    {
        var request = new RequestToVerify(context.Request.Headers, body, source.UrlOf(context.Request));
        var verification = SignatureVerifier.Verify(source.Scheme, source.Keys, request, time.GetUtcNow(), source.Tolerance);
        var verdict = verification.Result;
        activity?.SetTag("webhook.verification", verdict.ToString());
        if (verdict != VerificationResult.Valid)
        {
            ReceiveLog.Rejected(logger, source.Name, verdict);
            activity?.SetStatus(ActivityStatusCode.Error, "rejected");
            return ReceiveMetrics.Count(source.Name, "invalid_signature", Problem(StatusOf(verdict, source.Replies)));
        }

        if (!context.Request.HasJsonContentType())
        {
            return ReceiveMetrics.Count(source.Name, "unsupported_content", Problem(StatusCodes.Status415UnsupportedMediaType));
        }

        if (ReadEvent(source, verification, context.Request, body) is not { } inbound)
        {
            return ReceiveMetrics.Count(source.Name, "invalid_body", Problem(StatusCodes.Status400BadRequest));
        }

        activity?.SetTag("webhook.event_id", inbound.Id.ToString());
        activity?.SetTag("webhook.delivery_id", inbound.DeliveryId);
        activity?.SetTag("webhook.event_type", inbound.EventType);
        return Answer(source, inbound, await queue.StoreAsync(inbound), context);
    }

    private InboundEvent? ReadEvent(Source source, Verification verification, HttpRequest request, byte[] body)
    {
        // The parser leaves the bytes inside strings unchecked, and whoever reads such a string later would fail on it.
        if (!Utf8.IsValid(body))
        {
            ReceiveLog.NotJson(logger, source.Name);
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(body);
            if (source.DeliveryIdOf(verification).Find(request.Headers, json.RootElement) is not { } deliveryId || !EventField.IsValid(deliveryId)
                || source.EventType.Find(request.Headers, json.RootElement) is not { } eventType || !EventField.IsValid(eventType))
            {
                ReceiveLog.Incomplete(logger, source.Name, source.DeliveryId, source.EventType);
                return null;
            }

            var now = time.GetUtcNow();
            return new()
            {
                Id = Guid.CreateVersion7(now),
                Source = source.Name,
                DeliveryId = deliveryId,
                EventType = eventType,
                ReceivedAt = now,
                Headers = EventField.Headers(request.Headers, source.StoredHeaders),
                ContentType = request.ContentType!,
                Body = body,
                Traceparent = Activity.Current?.Id,
            };
        }
        catch (JsonException)
        {
            ReceiveLog.NotJson(logger, source.Name);
            return null;
        }
    }

    private IResult Answer(Source source, InboundEvent inbound, IntakeResult result, HttpContext context)
    {
        Activity.Current?.SetTag("webhook.result", result.ToString());
        switch (result)
        {
            case IntakeResult.Accepted:
                ReceiveLog.Accepted(logger, source.Name, inbound.EventType, inbound.DeliveryId, inbound.Id);
                return ReceiveMetrics.Count(source.Name, "created", new JsonReply(source.Replies.Accepted));
            case IntakeResult.Duplicate:
                ReceiveLog.Duplicate(logger, source.Name, inbound.DeliveryId);
                return ReceiveMetrics.Count(source.Name, "duplicate", new JsonReply(source.Replies.Duplicate));
            default:
                context.Response.Headers.RetryAfter = ((int)options.Value.RetryAfter.TotalSeconds).ToString();
                return ReceiveMetrics.Count(source.Name, "unavailable", Problem(StatusCodes.Status503ServiceUnavailable));
        }
    }

    private static int StatusOf(VerificationResult verdict, SourceReplies replies) => verdict switch
    {
        VerificationResult.MissingHeader => replies.MissingHeader,
        VerificationResult.InvalidTimestamp or VerificationResult.StaleTimestamp => replies.BadTimestamp,
        _ => StatusCodes.Status401Unauthorized,
    };

    // The status alone: which check failed is for the operator, who has the trace id, not for whoever is probing.
    private static ProblemHttpResult Problem(int status) => TypedResults.Problem(statusCode: status);
}
