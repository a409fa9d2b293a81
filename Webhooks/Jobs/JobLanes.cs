namespace Aspire.Webhooks.Jobs;

/// <summary>How a lane stands in this process.</summary>
/// <param name="Lane">A source or an endpoint.</param>
/// <param name="Running">How many of its jobs run.</param>
/// <param name="Places">How many more may run.</param>
public readonly record struct LaneUse(string Lane, int Running, int Places);

/// <summary>Counts the jobs of each lane that run in this process, and knows how many may and when they are retried.</summary>
internal sealed class JobLanes(JobPumpOptions options, RetrySchedule schedule)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _running = new(StringComparer.Ordinal);

    /// <summary>How many jobs of a lane run at once when nothing is said of it.</summary>
    public int PerLane => options.PerLane ?? options.Concurrency;

    /// <summary>When a lane's failed jobs are run again.</summary>
    public RetrySchedule ScheduleOf(string lane) => options.ScheduleOf(lane) ?? schedule;

    public void Enter(string lane)
    {
        lock (_lock)
        {
            _running[lane] = _running.GetValueOrDefault(lane) + 1;
        }
    }

    /// <returns>True when the lane was full, so that what was passed over can be claimed now.</returns>
    public bool Leave(string lane)
    {
        lock (_lock)
        {
            var running = _running[lane];
            if (running == 1)
            {
                _running.Remove(lane);
            }
            else
            {
                _running[lane] = running - 1;
            }

            return running == LimitOf(lane);
        }
    }

    /// <summary>The lanes that a claim must know of: all others run nothing and have <see cref="PerLane"/> places.</summary>
    public IReadOnlyList<LaneUse> InUse()
    {
        lock (_lock)
        {
            // Stored names of sources are in lower case; configuration keys may be written otherwise.
            return
            [
                .. _running.Select(lane => new LaneUse(lane.Key, lane.Value, LimitOf(lane.Key) - lane.Value)),
                .. options.Sources.Keys.Select(source => source.ToLowerInvariant())
                    .Where(source => !_running.ContainsKey(source))
                    .Select(source => new LaneUse(source, 0, LimitOf(source))),
            ];
        }
    }

    private int LimitOf(string lane) => options.Sources.GetValueOrDefault(lane)?.Concurrency ?? PerLane;
}
