namespace Aspire.Webhooks.Queue;

/// <summary>
/// The place that a running job occupies. A job that runs longer than <see cref="JobBuffer{TWork}.SlowAfter"/> moves to a place
/// for slow lanes, and this place is free. Before <see cref="JobOptions.SlowAfter"/> it moves only if such a place is free; after
/// it, always.
/// </summary>
internal sealed class JobPlace<TWork> : IAsyncDisposable
{
    private readonly JobBuffer<TWork> _buffer;
    private readonly LeasedJob _job;
    private readonly TimeProvider _time;
    private readonly Action _moved;
    private readonly long _start;
    private readonly TimeSpan _after;
    private readonly ITimer? _timer;
    private readonly Lock _lock = new();
    private bool _ended;

    /// <param name="buffer">The buffer that counts the places.</param>
    /// <param name="job">The job, which begins now.</param>
    /// <param name="slow">Whether the place is one for slow lanes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="moved">Called when the job has moved.</param>
    public JobPlace(JobBuffer<TWork> buffer, LeasedJob job, bool slow, TimeProvider time, Action moved)
    {
        (_buffer, _job, IsSlow, _time, _moved, _start) = (buffer, job, slow, time, moved, time.GetTimestamp());
        if (slow || buffer.SlowAfter is not { } after)
        {
            return;
        }

        // Started only when the field is set: the callback may come at once.
        _after = after;
        var never = Timeout.InfiniteTimeSpan;
        _timer = time.CreateTimer(static place => ((JobPlace<TWork>)place!).Move(), this, never, never);
        _timer.Change(after, never);
    }

    /// <summary>Whether the place is one for slow lanes now.</summary>
    public bool IsSlow { get; private set; }

    /// <summary>Ends the run of the job. The place stays taken, for the next job.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _ended = true;
        }

        return _timer?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private void Move()
    {
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            if (!_buffer.TryMoveToSlow(_job, _time.GetElapsedTime(_start)))
            {
                _timer!.Change(_after, Timeout.InfiniteTimeSpan);
                return;
            }

            IsSlow = true;
        }

        _moved();
    }
}
