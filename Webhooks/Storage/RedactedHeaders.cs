using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Storage;

/// <summary>Redacts the headers of an event: each by its name, those that carry its type or its id as identifiers.</summary>
public static class RedactedHeaders
{
    public static Dictionary<string, string> Of(
        IReadOnlyDictionary<string, string> headers, string eventType, string deliveryId, Redactor redactor) =>
        headers.ToDictionary(
            header => header.Key,
            header => header.Value == eventType || header.Value == deliveryId
                ? redactor.RedactKnown(header.Value)
                : redactor.Redact(header.Key, header.Value),
            StringComparer.OrdinalIgnoreCase);
}
