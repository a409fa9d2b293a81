using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Writes the payload of an event as redacted text. Forms are written as JSON.</summary>
public static class EventText
{
    /// <summary>Returns the payload, or the part at a JSON pointer.</summary>
    /// <param name="pointer">The pointer (RFC 6901); null for the whole payload.</param>
    /// <returns>
    /// The text; null when there is nothing at the pointer, as in all payloads that are neither JSON nor forms.
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
            : BinaryText(webhookEvent);
    }

    /// <summary>Returns the payload of an event that <see cref="Redacted"/> has redacted.</summary>
    public static string OfRedacted(WebhookEvent webhookEvent)
    {
        using var json = PayloadParser.TryParse(BodyFormat.Of(webhookEvent.ContentType), webhookEvent.Body);
        if (json is not null)
        {
            return RedactedJson.Indent(json.RootElement);
        }

        return Utf8.IsValid(webhookEvent.Body.Span) ? Encoding.UTF8.GetString(webhookEvent.Body.Span) : BinaryText(webhookEvent);
    }

    /// <summary>Returns the event without credentials. JSON and forms become redacted JSON, other text is redacted.</summary>
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

    // Takes the part of the redacted payload: without its name, a value may not be recognized as a credential.
    private static string? Part(string whole, JsonPointer pointer, Redactor redactor)
    {
        using var json = JsonDocument.Parse(whole);
        return pointer.Find(json.RootElement) is { } part ? RedactedJson.Write(part, redactor, indented: true) : null;
    }

    private static string BinaryText(WebhookEvent webhookEvent) => $"({webhookEvent.Body.Length} bytes that are not text)";
}
