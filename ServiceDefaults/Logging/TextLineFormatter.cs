using System.Diagnostics;
using System.Globalization;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Aspire.Webhooks.ServiceDefaults.Logging;

/// <summary>
/// Writes each log entry in a form for developers: time, level, category, message and the start of the trace id. An exception
/// follows on its own lines. Secrets are redacted.
/// </summary>
public sealed class TextLineFormatter(Redactor redactor, TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "webhooks-text";

    // Enough to distinguish traces on one screen and to find one in the dashboard.
    private const int TraceIdPrefix = 8;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(time.GetLocalNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture));
        textWriter.Write(NameOf(logEntry.LogLevel));
        textWriter.Write(logEntry.Category.AsSpan(logEntry.Category.LastIndexOf('.') + 1));
        textWriter.Write(": ");
        var fields = logEntry.State as IReadOnlyList<KeyValuePair<string, object?>>;
        textWriter.Write(redactor.Redact(logEntry.Formatter(logEntry.State, logEntry.Exception), fields));
        if (Activity.Current is { } activity)
        {
            textWriter.Write(" [");
            textWriter.Write(activity.TraceId.ToHexString().AsSpan(0, TraceIdPrefix));
            textWriter.Write(']');
        }

        textWriter.WriteLine();
        if (logEntry.Exception is { } exception)
        {
            textWriter.WriteLine(redactor.Redact(exception.ToString(), fields));
        }
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
