using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Webhooks.ServiceDefaults.Logging;

/// <summary>
/// Writes each log entry as one line of JSON: <c>ts</c>, <c>level</c>, <c>category</c>, <c>event_id</c>, <c>event</c>,
/// <c>message</c>, <c>trace_id</c>, <c>span_id</c>, <c>state</c>, <c>exception</c>. Absent values are omitted. Secrets are
/// redacted. The entry of a request has its own fields (<see cref="RequestLine"/>) in place of <c>state</c>.
/// </summary>
public sealed class JsonLineFormatter(Redactor redactor, TimeProvider time) : LineFormatter
{
    private static readonly JsonWriterOptions Options = new()
    {
        // Lines go to log collectors and not into HTML. Escaping quotes and non-ASCII letters would only make them harder to
        // read.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    [ThreadStatic]
    private static Utf8JsonWriter? s_json;

    /// <inheritdoc />
    public override void Write<TState>(in LogEntry<TState> entry, IBufferWriter<byte> line)
    {
        // Taken, because a value that is formatted can log, too.
        var json = s_json ?? new Utf8JsonWriter(line, Options);
        s_json = null;
        json.Reset(line);
        Write(json, entry);
        json.Flush();
        s_json = json;
        line.Write("\n"u8);
    }

    private void Write<TState>(Utf8JsonWriter json, in LogEntry<TState> entry)
    {
        json.WriteStartObject();
        // The timestamp has a fixed length, so that lines sort by it.
        json.WriteString("ts"u8, time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        json.WriteString("level"u8, NameOf(entry.LogLevel));
        json.WriteString("category"u8, entry.Category);
        json.WriteNumber("event_id"u8, entry.EventId.Id);
        if (entry.EventId.Name is { } name)
        {
            json.WriteString("event"u8, name);
        }

        var message = entry.Formatter(entry.State, entry.Exception);
        var state = entry.State as IReadOnlyList<KeyValuePair<string, object?>>;
        json.WriteString("message"u8, entry.State is RequestLine ? message : redactor.Redact(message, state));
        if (Activity.Current is { } activity)
        {
            json.WriteString("trace_id"u8, activity.TraceId.ToHexString());
            json.WriteString("span_id"u8, activity.SpanId.ToHexString());
        }

        if (entry.State is RequestLine request)
        {
            request.WriteTo(json);
        }
        else if (state is not null)
        {
            WriteState(json, state);
        }

        if (entry.Exception is { } exception)
        {
            json.WriteString("exception"u8, redactor.Redact(exception.ToString(), state));
        }

        json.WriteEndObject();
    }

    private void WriteState(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> state)
    {
        var open = false;
        for (var i = 0; i < state.Count; i++)
        {
            var (key, value) = state[i];
            if (key is "{OriginalFormat}")
            {
                continue;
            }

            if (!open)
            {
                json.WriteStartObject("state"u8);
            }

            open = true;
            WriteValue(json, key, value);
        }

        if (open)
        {
            json.WriteEndObject();
        }
    }

    private void WriteValue(Utf8JsonWriter json, string key, object? value)
    {
        json.WritePropertyName(redactor.Redact(key));
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case byte or sbyte or short or ushort or int or uint or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case decimal number: json.WriteNumberValue(number); break;
            case DateTimeOffset moment: json.WriteStringValue(moment); break;
            case DateTime moment: json.WriteStringValue(moment); break;
            default:
                json.WriteStringValue(redactor.Redact(key, Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
                break;
        }
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        LogLevel.Critical => "critical",
        _ => "none",
    };
}
