namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Measures ten times a second how long work waits for a thread of the pool. Under load, requests wait there twice: before our
/// code sees them, and for their answer.
/// </summary>
public sealed class PoolDelay : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _last;
    private long _waitingSince;

    public PoolDelay(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => Measure(), state: null, Pause, Pause);
    }

    /// <summary>The last measured delay, or that of the current measurement if it is longer.</summary>
    public TimeSpan Current
    {
        get
        {
            var last = TimeSpan.FromTicks(Volatile.Read(ref _last));
            var since = Volatile.Read(ref _waitingSince);
            var now = since == 0 ? TimeSpan.Zero : _time.GetElapsedTime(since);
            return now > last ? now : last;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Measure()
    {
        if (Interlocked.CompareExchange(ref _waitingSince, _time.GetTimestamp(), 0) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static delay => delay.Finish(), this, preferLocal: false);
        }
    }

    private void Finish()
    {
        Volatile.Write(ref _last, _time.GetElapsedTime(Volatile.Read(ref _waitingSince)).Ticks);
        Volatile.Write(ref _waitingSince, 0);
    }
}
