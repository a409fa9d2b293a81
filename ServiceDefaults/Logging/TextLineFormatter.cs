using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Webhooks.ServiceDefaults.Logging;

/// <summary>
/// Writes each log entry in a form for developers: time, level, category, message and the start of the trace id. An exception
/// follows on its own lines. Secrets are redacted.
/// </summary>
public sealed class TextLineFormatter(Redactor redactor, TimeProvider time) : LineFormatter
{
    // Enough to distinguish traces on one screen and to find one in the dashboard.
    private const int TraceIdPrefix = 8;

    /// <inheritdoc />
    public override void Write<TState>(in LogEntry<TState> entry, IBufferWriter<byte> line)
    {
        var fields = entry.State as IReadOnlyList<KeyValuePair<string, object?>>;
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{time.GetLocalNow():HH:mm:ss.fff}")
            .Append(NameOf(entry.LogLevel))
            .Append(entry.Category.AsSpan(entry.Category.LastIndexOf('.') + 1))
            .Append(": ")
            .Append(redactor.Redact(entry.Formatter(entry.State, entry.Exception), fields));
        if (Activity.Current is { } activity)
        {
            text.Append(" [").Append(activity.TraceId.ToHexString().AsSpan(0, TraceIdPrefix)).Append(']');
        }

        text.Append('\n');
        if (entry.Exception is { } exception)
        {
            text.Append(redactor.Redact(exception.ToString(), fields)).Append('\n');
        }

        Encoding.UTF8.GetBytes(text.ToString(), line);
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => " trce ",
        LogLevel.Debug => " dbug ",
        LogLevel.Information => " info ",
        LogLevel.Warning => " WARN ",
        LogLevel.Error => " FAIL ",
        LogLevel.Critical => " CRIT ",
        _ => " none ",
    };
}
