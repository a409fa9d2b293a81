using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>What became of an event at intake.</summary>
public enum IntakeResult
{
    /// <summary>Committed, with the job that processes it.</summary>
    Accepted,

    /// <summary>Its delivery id was committed before.</summary>
    Duplicate,

    /// <summary>Not known to be committed; the sender must try again.</summary>
    Unavailable,

    /// <summary>Not committed, since it could not be in time; the sender must try again.</summary>
    TooLate,

    /// <summary>Not committed: nobody waits for the answer any more.</summary>
    Gone,
}

/// <summary>A verified event that waits to be committed, and its request for the answer.</summary>
/// <param name="Since">When it came into the line.</param>
/// <param name="Gone">Cancelled when nobody waits for the answer any more.</param>
public sealed record IntakeItem(InboundEvent Event, TimeSpan Since = default, CancellationToken Gone = default)
{
    private readonly TaskCompletionSource<IntakeResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IntakeResult> Result => _result.Task;

    public void Answer(IntakeResult result) => _result.TrySetResult(result);
}

/// <summary>
/// The line between requests and writers, bounded in events, in bytes and in time. What is refused in it, or whose sender has
/// gone, is not committed afterwards. docs/operations.md has the rules.
/// </summary>
public sealed class IntakeQueue : IDisposable
{
    // A commit is one message to Postgres, which takes 1 GB at most, and has CommitTimeout to arrive: large bodies go in
    // smaller batches.
    private const int EnoughBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan SweepPause = TimeSpan.FromMilliseconds(100);

    // In the order of arrival. Its lock is the monitor that writers wait on.
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

    /// <summary>How many events were committed so far.</summary>
    public long Committed => Interlocked.Read(ref _committed);

    /// <summary>How many events wait for a writer.</summary>
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

    /// <summary>Whether an event that comes now can be answered in time, by what the last commits achieved.</summary>
    /// <param name="elsewhere">How long it waits outside of the line.</param>
    public bool Admits(TimeSpan elsewhere)
    {
        lock (_line)
        {
            return _line.Count < _options.Capacity
                && _pace.Wait(_line.Count, _options.BatchSize, _options.Writers, Now) + elsewhere <= _options.MaxWait;
        }
    }

    /// <summary>Stores the event with whatever else waits, in one commit.</summary>
    /// <returns><see cref="IntakeResult.TooLate"/> at once when the line is full, and when it has waited for too long.</returns>
    public Task<IntakeResult> StoreAsync(InboundEvent inbound, CancellationToken gone)
    {
        var item = new IntakeItem(inbound, Now, gone);
        lock (_line)
        {
            // An event larger than all that may wait is still taken when nothing else waits.
            var fits = _bytes == 0 || _bytes + inbound.Body.Length <= _options.CapacityBytes;
            if (_isClosed || _line.Count >= _options.Capacity || !fits)
            {
                return Task.FromResult(IntakeResult.TooLate);
            }

            _bytes += inbound.Body.Length;
            _line.AddLast(item);
            if (_idleWriters > 0)
            {
                Monitor.Pulse(_line);
            }
        }

        return item.Result;
    }

    /// <summary>
    /// For a writer: blocks until there is something to commit, and takes it. Of a long line it takes the end: who came last can
    /// still be answered in time. <see cref="Done"/> must follow.
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
    /// For a writer: the commit of what it took has ended, and these are the answers, by position. The answers come last: a
    /// sender that has one may send the next event at once, which must not be refused for the time of a commit that is over.
    /// </summary>
    public void Done(List<IntakeItem> batch, IReadOnlyList<IntakeResult> results)
    {
        Interlocked.Add(ref _committed, results.Count(result => result is IntakeResult.Accepted));
        lock (_line)
        {
            _pace = _pace.Ended(Now, _options.MaxWait);
            batch.ForEach(item => _bytes -= item.Event.Body.Length);
        }

        for (var at = 0; at < batch.Count; at++)
        {
            batch[at].Answer(results[at]);
        }
    }

    /// <summary>Takes no more. Writers end when all is committed.</summary>
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
                bytes += node.Value.Event.Body.Length;
            }
        }
    }

    // While all commits last, nobody else looks whether those in the line have waited for too long.
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
        _bytes -= item.Event.Body.Length;
        item.Answer(isGone ? IntakeResult.Gone : IntakeResult.TooLate);
        return true;
    }
}
