using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>One line of a log.</summary>
public sealed record LogLine(LogLevel Level, int Id, string Text, Exception? Exception);

/// <summary>Keeps what a service in this process logs; add it to the service as an <see cref="ILoggerProvider"/>.</summary>
public sealed class RecordedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = [];

    public IReadOnlyCollection<LogLine> All => _lines;

    public IEnumerable<LogLine> Of(int eventId) => _lines.Where(line => line.Id == eventId);

    public ILogger CreateLogger(string categoryName) => new Logger(_lines);

    public void Dispose()
    {
        // Nothing is held.
    }

    private sealed class Logger(ConcurrentQueue<LogLine> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(new(logLevel, eventId.Id, formatter(state, exception), exception));
    }
}
