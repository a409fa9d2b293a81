using System.Text.Json;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Redacts the stored fields of an event. The body stays as it was signed.</summary>
public static class RedactedEvent
{
    /// <summary>Returns the redacted event; the same instance when nothing changes, which is usual.</summary>
    public static InboundEvent Of(InboundEvent inbound, Redactor redactor)
    {
        var eventType = EventIdentifier.StoredType(inbound.EventType, redactor);
        var deliveryId = EventIdentifier.StoredId(inbound.DeliveryId, redactor);
        var contentType = redactor.Redact(inbound.ContentType);
        var headers = Headers(inbound, redactor);
        // A phone message is listed as it was sent, but for what shows by itself that it is a credential.
        var text = inbound.Message?.Text is { } sent ? redactor.RedactKnown(sent) : null;
        if (ReferenceEquals(eventType, inbound.EventType) && ReferenceEquals(deliveryId, inbound.DeliveryId)
            && ReferenceEquals(contentType, inbound.ContentType) && ReferenceEquals(headers, inbound.Headers)
            && ReferenceEquals(text, inbound.Message?.Text))
        {
            return inbound;
        }

        return new()
        {
            Id = inbound.Id,
            Source = inbound.Source,
            DeliveryId = deliveryId,
            EventType = eventType,
            ReceivedAt = inbound.ReceivedAt,
            Headers = headers,
            ContentType = contentType,
            ContentEncoding = inbound.ContentEncoding,
            Body = inbound.Body,
            Traceparent = inbound.Traceparent,
            Message = inbound.Message is { } message
                ? new()
                {
                    EventId = message.EventId, MessageId = deliveryId, FromMsisdn = message.FromMsisdn,
                    ToMsisdn = message.ToMsisdn, Ts = message.Ts, Text = text is null ? null : PhoneMessage.Cut(text),
                    CreatedAt = message.CreatedAt,
                }
                : null,
        };
    }

    private static string Headers(InboundEvent inbound, Redactor redactor)
    {
        // The text is checked as a whole first: usually it contains nothing to redact and need not be parsed.
        if (ReferenceEquals(redactor.Redact(inbound.Headers), inbound.Headers))
        {
            return inbound.Headers;
        }

        var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(inbound.Headers)!;
        return JsonSerializer.Serialize(RedactedHeaders.Of(headers, inbound.EventType, inbound.DeliveryId, redactor));
    }
}
