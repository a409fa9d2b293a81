using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Redacts log records on their way to the exporters.</summary>
internal sealed class RedactLogRecords(Redactor redactor) : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        if (data.FormattedMessage is { } message)
        {
            data.FormattedMessage = redactor.Redact(message, data.Attributes);
        }

        if (data.Body is { } body)
        {
            data.Body = redactor.Redact(body, data.Attributes);
        }

        List<KeyValuePair<string, object?>> attributes = [];
        var changed = false;
        foreach (var attribute in data.Attributes ?? [])
        {
            var value = redactor.RedactValue(attribute.Key, attribute.Value);
            changed |= !ReferenceEquals(value, attribute.Value);
            attributes.Add(new(attribute.Key, value));
        }

        // An exception cannot be rewritten, so its redacted text takes its place under the names that exporters give it.
        if (data.Exception is { } exception
            && (exception.ToString(), exception.Message) is var (text, brief)
            && (redactor.Redact(text, data.Attributes), redactor.Redact(brief, data.Attributes)) is var (redacted, redactedBrief)
            && !(ReferenceEquals(text, redacted) && ReferenceEquals(brief, redactedBrief)))
        {
            data.Exception = null;
            attributes.Add(new("exception.type", exception.GetType().FullName));
            attributes.Add(new("exception.message", redactedBrief));
            attributes.Add(new("exception.stacktrace", redacted));
            changed = true;
        }

        if (changed)
        {
            data.Attributes = attributes;
        }
    }
}
