namespace Aspire.Webhooks.Jobs;

/// <summary>How a lane stands in this process.</summary>
/// <param name="Lane">A source or an endpoint.</param>
/// <param name="Running">How many of its jobs run.</param>
/// <param name="Places">How many more may run.</param>
public readonly record struct LaneUse(string Lane, int Running, int Places);

/// <summary>
/// Counts the jobs of each lane that run in this process, and knows how many may, when they are retried, and which lanes
/// are slow.
/// </summary>
/// <param name="options">The kind's.</param>
/// <param name="handler">Says when jobs are retried and which lanes are paced.</param>
internal sealed class JobLanes(JobPumpOptions options, IJobHandler handler)
{
    // Endpoints come and go. Forgetting one that is slow costs one quick place for a moment.
    private const int MaxSlow = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _running = new(StringComparer.Ordinal);
    private readonly HashSet<string> _slow = new(StringComparer.Ordinal);

    /// <summary>How many jobs of a lane run at once when nothing is said of it.</summary>
    public int PerLane => options.PerLane ?? options.Concurrency;

    /// <summary>When a lane's failed jobs are run again.</summary>
    public RetrySchedule ScheduleOf(string lane) => options.ScheduleOf(lane) ?? handler.Schedule;

    public bool HasSlow
    {
        get
        {
            lock (_lock)
            {
                return _slow.Count > 0;
            }
        }
    }

    public void Enter(string lane)
    {
        lock (_lock)
        {
            _running[lane] = _running.GetValueOrDefault(lane) + 1;
        }
    }

    /// <param name="lane">The lane of a job that has ended.</param>
    /// <param name="wasSlow">
    /// Whether it succeeded late, which makes its lane slow, or not, which makes it quick; null says nothing. A failure makes it
    /// quick, too: what is retried is slow by itself (<see cref="JobOutcome.IsSlow"/>).
    /// </param>
    /// <returns>True when the lane was full, so that what was passed over can be claimed now.</returns>
    public bool Leave(string lane, bool? wasSlow)
    {
        if (wasSlow == true)
        {
            Slow(lane);
        }

        lock (_lock)
        {
            if (wasSlow == false)
            {
                _slow.Remove(lane);
            }

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

    /// <summary>Notes that a lane's job takes long; the next that ends takes it back, unless it has succeeded late.</summary>
    public void Slow(string lane)
    {
        if (options.SlowConcurrency == 0)
        {
            return;
        }

        lock (_lock)
        {
            if (_slow.Count == MaxSlow)
            {
                _slow.Clear();
            }

            _slow.Add(lane);
        }
    }

    /// <summary>
    /// The lanes that a claim must know of: all others run nothing and have <see cref="PerLane"/> places.
    /// </summary>
    public IReadOnlyList<LaneUse> InUse()
    {
        lock (_lock)
        {
            // Stored names of sources are in lower case; configuration keys may be written otherwise.
            var paced = handler.PacedLanes();
            return
            [
                .. _running.Keys.Concat(options.Sources.Keys.Select(source => source.ToLowerInvariant())).Concat(paced.Keys)
                    .Distinct(StringComparer.Ordinal).Select(lane => UseOf(lane, paced)),
            ];
        }
    }

    /// <summary>The same, and no place for slow lanes.</summary>
    public IReadOnlyList<LaneUse> QuickInUse()
    {
        lock (_lock)
        {
            return [.. InUse().Where(use => !_slow.Contains(use.Lane)), .. _slow.Select(lane => new LaneUse(lane, 0, 0))];
        }
    }

    /// <summary>The slow lanes, for a claim from these alone.</summary>
    public IReadOnlyList<LaneUse> SlowInUse()
    {
        lock (_lock)
        {
            var paced = handler.PacedLanes();
            return [.. _slow.Select(lane => UseOf(lane, paced))];
        }
    }

    private LaneUse UseOf(string lane, IReadOnlyDictionary<string, int> paced)
    {
        var running = _running.GetValueOrDefault(lane);
        return new(lane, running, Math.Min(LimitOf(lane) - running, paced.GetValueOrDefault(lane, int.MaxValue)));
    }

    private int LimitOf(string lane) => options.Sources.GetValueOrDefault(lane)?.Concurrency ?? PerLane;
}
