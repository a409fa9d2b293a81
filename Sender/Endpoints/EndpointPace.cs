using System.Collections.Concurrent;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>
/// Keeps attempts to an endpoint below its rate limit, in this process: a second's worth at once, then evenly (the generic
/// cell rate algorithm of ITU-T I.371).
/// </summary>
public sealed class EndpointPace(TimeProvider time)
{
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(1);

    // Of an endpoint with a backlog no more is claimed than may go: what is claimed in vain has to be put off again.
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Pace> _paces = new(StringComparer.Ordinal);

    /// <summary>Takes an attempt.</summary>
    /// <param name="rate">Attempts per second.</param>
    /// <returns>Null when it may be made; else how long to wait for the next.</returns>
    public TimeSpan? Take(string lane, int rate)
    {
        var pace = _paces.GetOrAdd(lane, static _ => new());
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

    /// <summary>Forgets a limit that is no more.</summary>
    public void Forget(string lane) => _paces.TryRemove(lane, out _);

    /// <summary>How many attempts may be made now; null where no limit is known, or none was made lately.</summary>
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

    private sealed class Pace
    {
        private long _at;
        private TimeSpan _ahead;

        public TimeSpan Interval { get; set; }

        /// <summary>By how much more has been taken than the time that has passed allows.</summary>
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
