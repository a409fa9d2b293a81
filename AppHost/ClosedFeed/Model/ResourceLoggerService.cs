using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Aspire.Hosting.ApplicationModel;

public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>What each resource writes to its console.</summary>
public sealed class ResourceLoggerService
{
    private const int Kept = 1000;
    private readonly ConcurrentDictionary<string, Log> _logs = new(StringComparer.Ordinal);

    /// <summary>The lines kept so far, then each new one.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(
        string resourceName, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var log = Of(resourceName);
        var channel = Channel.CreateUnbounded<IReadOnlyList<LogLine>>();
        lock (log)
        {
            if (log.Lines.Count > 0)
            {
                channel.Writer.TryWrite([.. log.Lines]);
            }

            log.Watchers.Add(channel.Writer);
        }

        try
        {
            await foreach (var lines in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return lines;
            }
        }
        finally
        {
            lock (log)
            {
                log.Watchers.Remove(channel.Writer);
            }
        }
    }

    internal void Add(string resourceName, string content, bool isError)
    {
        var log = Of(resourceName);
        lock (log)
        {
            var line = new LogLine(++log.Count, content, isError);
            log.Lines.Enqueue(line);
            if (log.Lines.Count > Kept)
            {
                log.Lines.Dequeue();
            }

            foreach (var watcher in log.Watchers)
            {
                watcher.TryWrite([line]);
            }
        }
    }

    internal IReadOnlyList<string> Last(string resourceName, int count)
    {
        var log = Of(resourceName);
        lock (log)
        {
            return [.. log.Lines.TakeLast(count).Select(line => line.Content)];
        }
    }

    private Log Of(string resourceName) => _logs.GetOrAdd(resourceName, _ => new Log());

    private sealed class Log
    {
        public int Count { get; set; }

        public Queue<LogLine> Lines { get; } = new();

        public List<ChannelWriter<IReadOnlyList<LogLine>>> Watchers { get; } = [];
    }
}
