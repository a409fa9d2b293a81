using System.Buffers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Webhooks.ServiceDefaults.Logging;

/// <summary>Where the lines of a process go.</summary>
/// <param name="Open">Opens standard output, or standard error where standard output has another use.</param>
internal sealed record LogStream(Func<Stream> Open);

/// <summary>
/// The console provider. It writes what was logged within 50 ms by one call, and a warning or an error at once with all that was
/// logged before it. .NET's own writes each entry by calls of its own and wakes a thread for it. The request lines took 12 % of
/// the Receiver's throughput by that way, and take 2 % by this one. With 5 ms, the timer alone took 3 % of its processor time.
/// </summary>
/// <remarks>
/// What waits is written when the host ends, when the process exits and after an unhandled exception. A process that is killed
/// loses the lines of its last 50 ms.
/// </remarks>
[ProviderAlias("Console")]
internal sealed class LineConsole : ILoggerProvider
{
    /// <summary>How long a line waits for others.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);

    private const int Capacity = 64 * 1024;

    // How long an exit waits for a stream that nobody reads.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_line;

    // Two buffers: lines are appended to one while the other is written.
    private readonly Lock _appending = new();
    private readonly Lock _writing = new();
    private readonly LineFormatter _formatter;
    private readonly Stream _stream;
    private readonly ITimer _timer;
    private volatile bool _isDisposed;
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
        _isDisposed = true;
        _timer.Dispose();
        WriteAtExit(null, EventArgs.Empty);
    }

    // On a thread of its own: a stream that nobody reads must not make an exit or a crash hang.
    private void WriteAtExit(object? sender, EventArgs exit)
    {
        var writing = new Thread(WriteWaiting) { IsBackground = true };
        writing.Start();
        writing.Join(Patience);
    }

    private void Log<TState>(in LogEntry<TState> entry)
    {
        // Taken, because a value that is formatted can log, too.
        var line = s_line ?? new ArrayBufferWriter<byte>(1024);
        s_line = null;
        line.ResetWrittenCount();
        _formatter.Write(entry, line);
        bool isDue;
        lock (_appending)
        {
            var isFirst = _waiting.WrittenCount == 0;
            _waiting.Write(line.WrittenSpan);

            // When the stream is slow, threads that log wait here, so what waits has a bound.
            isDue = entry.LogLevel >= LogLevel.Warning || _waiting.WrittenCount >= Capacity || _isDisposed;
            if (isFirst && !isDue)
            {
                _timer.Change(Wait, Timeout.InfiniteTimeSpan);
            }
        }

        if (isDue)
        {
            WriteWaiting();
        }

        s_line = line.Capacity > Capacity ? null : line;
    }

    private void WriteWaiting()
    {
        lock (_writing)
        {
            lock (_appending)
            {
                (_waiting, _written) = (_written, _waiting);
            }

            try
            {
                if (_written.WrittenCount > 0)
                {
                    _stream.Write(_written.WrittenSpan);
                }
            }
            catch (Exception)
            {
                // The disk is full, or the terminal has gone. There is no other place to say so, and whoever logs goes on.
            }
            finally
            {
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
