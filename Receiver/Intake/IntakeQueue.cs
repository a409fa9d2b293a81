using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>The result of storing an event.</summary>
public enum IntakeResult
{
    /// <summary>The event was committed with its job.</summary>
    Accepted,

    /// <summary>The delivery id was committed before.</summary>
    Duplicate,

    /// <summary>The event may not have been committed; the sender must try again.</summary>
    Unavailable,

    /// <summary>The event was not committed because it could not be in time; the sender must try again.</summary>
    TooLate,

    /// <summary>The event was not committed because its sender has disconnected.</summary>
    Gone,
}

/// <summary>A verified event that waits to be committed.</summary>
/// <param name="Since">The time at which it entered the line.</param>
/// <param name="Gone">Cancelled when the sender disconnects.</param>
public sealed record IntakeItem(InboundEvent Event, TimeSpan Since = default, CancellationToken Gone = default)
{
    private readonly TaskCompletionSource<IntakeResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How long its delivery id, a digest, counts; null when the id is the sender's.</summary>
    public TimeSpan? Window { get; init; }

    public Task<IntakeResult> Result => _result.Task;

    public void Answer(IntakeResult result) => _result.TrySetResult(result);
}

/// <summary>
/// The line between requests and writers, bounded in events, bytes and time. An event that was refused while it waited, or
/// whose sender has disconnected, is never committed afterwards. docs/operations.md has the rules.
/// </summary>
public sealed class IntakeQueue : IDisposable
{
    // A commit is one message to Postgres, which accepts 1 GB at most and must receive it within CommitTimeout. So batches of
    // large bodies are smaller.
    private const int EnoughBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan SweepPause = TimeSpan.FromMilliseconds(100);

    // Events in order of arrival. The lock is the monitor that writers wait on.
    private readonly LinkedList<IntakeItem> _line = [];
    private readonly IntakeOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    private CommitPace _pace = new(TimeSpan.Zero, 0, TimeSpan.Zero);
    private long _bytes;
    private long _committed;
    private int _idleWriters;
    private bool _isClosed;

    public IntakeQueue(IOptions<IntakeOptions> options, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
        _sweep = time.CreateTimer(_ => Sweep(), state: null, SweepPause, SweepPause);
    }

    /// <summary>The number of events committed so far.</summary>
    public long Committed => Interlocked.Read(ref _committed);

    /// <summary>The number of events that wait for a writer.</summary>
    public int Waiting
    {
        get
        {
            lock (_line)
            {
                return _line.Count;
            }
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(0);

    /// <summary>Estimates from the last commits whether a new event can be answered in time.</summary>
    /// <param name="elsewhere">How long the event waits outside the line.</param>
    public bool Admits(TimeSpan elsewhere)
    {
        lock (_line)
        {
            return _line.Count < _options.Capacity
                && _pace.Wait(_line.Count, _options.BatchSize, _options.Writers, Now) + elsewhere <= _options.MaxWait;
        }
    }

    /// <summary>Stores the event, in one commit with others that wait.</summary>
    /// <returns><see cref="IntakeResult.TooLate"/> when the line is full, or after the event has waited for too long.</returns>
    public Task<IntakeResult> StoreAsync(InboundEvent inbound, CancellationToken gone, TimeSpan? window = null)
    {
        var item = new IntakeItem(inbound, Now, gone) { Window = window };
        lock (_line)
        {
            // An event above the limit is accepted when no other waits.
            var fits = _bytes == 0 || _bytes + inbound.Body!.Length <= _options.CapacityBytes;
            if (_isClosed || _line.Count >= _options.Capacity || !fits)
            {
                return Task.FromResult(IntakeResult.TooLate);
            }

            _bytes += inbound.Body!.Length;
            _line.AddLast(item);
            if (_idleWriters > 0)
            {
                Monitor.Pulse(_line);
            }
        }

        return item.Result;
    }

    /// <summary>
    /// Blocks until there are events to commit, and takes them. From a long line it takes the newest, which can still be
    /// answered in time. The writer must call <see cref="Done"/> afterwards.
    /// </summary>
    /// <returns>False when the line is closed and empty.</returns>
    public bool Take(List<IntakeItem> batch)
    {
        lock (_line)
        {
            for (; batch.Count == 0; Fill(batch))
            {
                while (_line.Count == 0)
                {
                    if (_isClosed)
                    {
                        return false;
                    }

                    _idleWriters++;
                    Monitor.Wait(_line);
                    _idleWriters--;
                }
            }

            _pace = _pace.Started(Now);
            return true;
        }
    }

    /// <summary>
    /// Ends a writer's commit with the results by position. The results are published last: a sender that has its answer may
    /// send the next event at once, which must not be refused because of a commit that is over.
    /// </summary>
    public void Done(List<IntakeItem> batch, IReadOnlyList<IntakeResult> results)
    {
        Interlocked.Add(ref _committed, results.Count(result => result is IntakeResult.Accepted));
        lock (_line)
        {
            _pace = _pace.Ended(Now, _options.MaxWait);
            batch.ForEach(item => _bytes -= item.Event.Body!.Length);
        }

        for (var at = 0; at < batch.Count; at++)
        {
            batch[at].Answer(results[at]);
        }
    }

    /// <summary>Stops accepting events. Writers end when all are committed.</summary>
    public void Close()
    {
        lock (_line)
        {
            _isClosed = true;
            Monitor.PulseAll(_line);
        }
    }

    public void Dispose() => _sweep.Dispose();

    private void Fill(List<IntakeItem> batch)
    {
        var oldest = Now - _options.MaxWait;
        for (var bytes = 0; batch.Count < _options.BatchSize && bytes < EnoughBytes && _line.Count > 0;)
        {
            var node = _line.Count > _options.NewestFirstAbove ? _line.Last! : _line.First!;
            if (!TryDrop(node, oldest))
            {
                _line.Remove(node);
                batch.Add(node.Value);
                bytes += node.Value.Event.Body!.Length;
            }
        }
    }

    // Removes events that have waited for too long. No writer does it while all of them commit.
    private void Sweep()
    {
        lock (_line)
        {
            var oldest = Now - _options.MaxWait;
            while (_line.First is { } first && TryDrop(first, oldest))
            {
            }
        }
    }

    // Answers run on the thread pool, not under the lock.
    private bool TryDrop(LinkedListNode<IntakeItem> node, TimeSpan oldest)
    {
        var item = node.Value;
        var isGone = item.Gone.IsCancellationRequested;
        if (!isGone && item.Since >= oldest)
        {
            return false;
        }

        _line.Remove(node);
        _bytes -= item.Event.Body!.Length;
        item.Answer(isGone ? IntakeResult.Gone : IntakeResult.TooLate);
        return true;
    }
}
