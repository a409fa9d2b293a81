using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Aspire.Webhooks.Redaction;

/// <summary>Redacts log records on their way to the exporters.</summary>
internal sealed class RedactLogRecords(Redactor redactor) : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        if (data.FormattedMessage is { } message)
        {
            data.FormattedMessage = redactor.Redact(message);
        }

        if (data.Body is { } body)
        {
            data.Body = redactor.Redact(body);
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
        if (data.Exception is { } exception && exception.ToString() is var text && !ReferenceEquals(text, redactor.Redact(text)))
        {
            data.Exception = null;
            attributes.Add(new("exception.type", exception.GetType().FullName));
            attributes.Add(new("exception.message", redactor.Redact(exception.Message)));
            attributes.Add(new("exception.stacktrace", redactor.Redact(text)));
            changed = true;
        }

        if (changed)
        {
            data.Attributes = attributes;
        }
    }
}
