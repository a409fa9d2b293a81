using System.Collections.Concurrent;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>
/// Limits the rate of attempts to an endpoint in this process. The attempts of one second can be made at once, further ones at
/// even intervals (the generic cell rate algorithm of ITU-T I.371).
/// </summary>
public sealed class EndpointPace(TimeProvider time)
{
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(1);

    // While an endpoint has had attempts recently, no more of its deliveries are claimed than may be sent: each further one would
    // have to be postponed.
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Pace> _paces = new(StringComparer.Ordinal);
    private long _removedAt = time.GetTimestamp();

    /// <summary>The number of endpoints whose attempts are counted.</summary>
    public int Count => _paces.Count;

    /// <summary>Takes permission for one attempt.</summary>
    /// <param name="rate">The number of attempts per second.</param>
    /// <returns>Null when the attempt may be made; otherwise the time until the next one.</returns>
    public TimeSpan? Take(string lane, int rate)
    {
        if (!_paces.TryGetValue(lane, out var pace))
        {
            RemoveIdle();
            pace = _paces.GetOrAdd(lane, static _ => new());
        }

        lock (pace)
        {
            var now = time.GetTimestamp();
            pace.Interval = Burst / rate;
            var wait = pace.Ahead(now, time) + pace.Interval - Burst;
            if (wait > TimeSpan.Zero)
            {
                return wait;
            }

            pace.Take(now, time);
            return null;
        }
    }

    /// <summary>Removes an endpoint that has no rate limit any more.</summary>
    public void Forget(string lane) => _paces.TryRemove(lane, out _);

    /// <summary>
    /// Returns how many attempts may be made now; null when no limit is known, or when no attempt was made recently.
    /// </summary>
    public int? Free(string lane)
    {
        if (!_paces.TryGetValue(lane, out var pace))
        {
            return null;
        }

        var now = time.GetTimestamp();
        lock (pace)
        {
            return pace.Since(now, time) < Recent ? (int)((Burst - pace.Ahead(now, time)) / pace.Interval) : null;
        }
    }

    // An endpoint that had no attempt for this long has no more allowance than a new one, so nothing is lost. An attempt that is
    // made during the removal may not be counted.
    private void RemoveIdle()
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(Interlocked.Read(ref _removedAt), now) < Recent)
        {
            return;
        }

        Interlocked.Exchange(ref _removedAt, now);
        foreach (var entry in _paces)
        {
            lock (entry.Value)
            {
                if (entry.Value.Since(now, time) >= Recent)
                {
                    _paces.TryRemove(entry);
                }
            }
        }
    }

    private sealed class Pace
    {
        private long _at;
        private TimeSpan _ahead;

        public TimeSpan Interval { get; set; }

        /// <summary>How far the attempts are ahead of an even rate.</summary>
        public TimeSpan Ahead(long now, TimeProvider time) =>
            _ahead - time.GetElapsedTime(_at, now) is var ahead && ahead > TimeSpan.Zero ? ahead : TimeSpan.Zero;

        public TimeSpan Since(long now, TimeProvider time) => time.GetElapsedTime(_at, now);

        public void Take(long now, TimeProvider time)
        {
            _ahead = Ahead(now, time) + Interval;
            _at = now;
        }
    }
}
