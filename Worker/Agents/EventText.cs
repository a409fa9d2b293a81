using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>An event's payload as text for a reader: JSON, also of a form, without credentials.</summary>
public static class EventText
{
    /// <summary>The whole payload, or the part that a JSON pointer names.</summary>
    /// <param name="pointer">RFC 6901; null or empty for the whole.</param>
    /// <returns>
    /// Null when there is nothing at the pointer, or the payload is neither JSON nor a form and a pointer was given.
    /// </returns>
    public static string? Of(WebhookEvent webhookEvent, Redactor redactor, JsonPointer? pointer = null)
    {
        using var json = PayloadParser.TryParse(BodyFormat.Of(webhookEvent.ContentType), webhookEvent.Body);
        if (json is not null)
        {
            var whole = RedactedJson.Write(json.RootElement, redactor, indented: true);
            return pointer is null ? whole : Part(whole, pointer, redactor);
        }

        if (pointer is not null)
        {
            return null;
        }

        return Utf8.IsValid(webhookEvent.Body.Span)
            ? redactor.Redact(Encoding.UTF8.GetString(webhookEvent.Body.Span))
            : NoText(webhookEvent);
    }

    /// <summary>The whole payload of an event that <see cref="Redacted"/> made.</summary>
    public static string OfRedacted(WebhookEvent webhookEvent)
    {
        using var json = PayloadParser.TryParse(BodyFormat.Of(webhookEvent.ContentType), webhookEvent.Body);
        if (json is not null)
        {
            return RedactedJson.Indent(json.RootElement);
        }

        return Utf8.IsValid(webhookEvent.Body.Span) ? Encoding.UTF8.GetString(webhookEvent.Body.Span) : NoText(webhookEvent);
    }

    /// <summary>The event as agents are given it: its payload is JSON without credentials, or text without them.</summary>
    public static WebhookEvent Redacted(WebhookEvent webhookEvent, Redactor redactor)
    {
        using var json = PayloadParser.TryParse(BodyFormat.Of(webhookEvent.ContentType), webhookEvent.Body);
        return webhookEvent with
        {
            EventType = redactor.RedactKnown(webhookEvent.EventType),
            DeliveryId = redactor.RedactKnown(webhookEvent.DeliveryId),
            ContentType = json is null ? webhookEvent.ContentType : "application/json",
            Headers = RedactedHeaders.Of(webhookEvent.Headers, webhookEvent.EventType, webhookEvent.DeliveryId, redactor),
            Body = json is not null ? Encoding.UTF8.GetBytes(RedactedJson.Write(json.RootElement, redactor))
                : Utf8.IsValid(webhookEvent.Body.Span) ? Encoding.UTF8.GetBytes(
                    redactor.Redact(Encoding.UTF8.GetString(webhookEvent.Body.Span)))
                : webhookEvent.Body,
        };
    }

    // Of what is left of the whole: by itself, a value does not tell that its name is a credential's.
    private static string? Part(string whole, JsonPointer pointer, Redactor redactor)
    {
        using var json = JsonDocument.Parse(whole);
        return pointer.Find(json.RootElement) is { } part ? RedactedJson.Write(part, redactor, indented: true) : null;
    }

    private static string NoText(WebhookEvent webhookEvent) => $"({webhookEvent.Body.Length} bytes that are no text)";
}
