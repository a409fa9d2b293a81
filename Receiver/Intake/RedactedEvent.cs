using System.Security.Cryptography;
using System.Text;
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
        var eventType = redactor.Redact(inbound.EventType);
        var deliveryId = redactor.Redact(inbound.DeliveryId);
        var contentType = redactor.Redact(inbound.ContentType);
        var headers = Headers(inbound.Headers, redactor);
        var text = inbound.Message?.Text is { } sent ? redactor.Redact(sent) : null;
        if (ReferenceEquals(eventType, inbound.EventType) && ReferenceEquals(deliveryId, inbound.DeliveryId)
            && ReferenceEquals(contentType, inbound.ContentType) && ReferenceEquals(headers, inbound.Headers)
            && ReferenceEquals(text, inbound.Message?.Text))
        {
            return inbound;
        }

        // Two delivery ids that differ only in a credential must remain different.
        var id = ReferenceEquals(deliveryId, inbound.DeliveryId)
            ? deliveryId
            : $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(inbound.DeliveryId)))}";
        return new()
        {
            Id = inbound.Id,
            Source = inbound.Source,
            DeliveryId = id,
            EventType = EventField.Cut(eventType),
            ReceivedAt = inbound.ReceivedAt,
            Headers = headers,
            ContentType = contentType,
            ContentEncoding = inbound.ContentEncoding,
            Body = inbound.Body,
            Traceparent = inbound.Traceparent,
            Message = inbound.Message is { } message
                ? new()
                {
                    EventId = message.EventId, MessageId = id, FromMsisdn = message.FromMsisdn, ToMsisdn = message.ToMsisdn,
                    Ts = message.Ts, Text = text is null ? null : PhoneMessage.Cut(text), CreatedAt = message.CreatedAt,
                }
                : null,
        };
    }

    private static string Headers(string json, Redactor redactor)
    {
        // The text is checked as a whole first: usually it contains nothing to redact and need not be parsed.
        if (ReferenceEquals(redactor.Redact(json), json))
        {
            return json;
        }

        var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;
        return JsonSerializer.Serialize(headers.ToDictionary(
            header => header.Key, header => redactor.Redact(header.Key, header.Value), StringComparer.Ordinal));
    }
}
