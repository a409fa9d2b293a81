namespace Aspire.Webhooks.Queue;

/// <summary>
/// Holds the claimed jobs of one pump until a place is free, and decides which lane is next. It knows which lanes may have due
/// jobs, how many jobs of each run, and how many more to claim.
/// </summary>
/// <param name="options">The settings of the kind of job.</param>
/// <param name="limit">How many jobs of lanes that are not slow run at once.</param>
/// <param name="paced">Returns how many jobs of a lane may start now; null for no such limit.</param>
internal sealed class JobBuffer<TWork>(JobOptions options, JobLimit limit, Func<string, int?> paced)
{
    // The pump claims ahead the jobs that its places begin within this time. A claim under load takes less. A job that is due
    // earlier, or another replica that is idle, can wait for as long.
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(200);
    private const int MaxAhead = 1000;

    // SlowAfter is at least this part of the setting, and at least so many times the average run.
    private const double ShortestSlowAfter = 0.1;
    private const int MuchLonger = 4;

    // The largest number of lanes of one claim. The others are part of the next claim.
    private const int MaxAsks = 256;

    // Of slow lanes fewer: a claim of hundreds takes 10 to 50 ms, in which a job of a quick lane waits for the next claim.
    // Retries of many slow lanes that are due together are claimed in parts.
    private const int MaxSlowAsks = 16;

    // When more lanes are known, the idle ones are removed. When such a lane returns, it counts as quick and as not timed.
    private const int MaxLanes = 10_000;

    // The assumed run time of a job in a lane that has not been timed. The lane gets a fifth of its places ahead.
    private static readonly TimeSpan Unknown = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, BufferedLane<TWork>> _lanes = new(StringComparer.Ordinal);
    private readonly BufferSide<TWork> _quick = new();
    private readonly BufferSide<TWork> _slow = new();
    private Queue<BufferedLane<TWork>> _due = new();
    private TimeSpan _took;

    /// <summary>Whether jobs wait because all places are taken.</summary>
    public bool IsShort
    {
        get
        {
            lock (_lock)
            {
                return _quick.Places >= limit.Value && (_quick.Buffered > 0 || _due.Count > 0);
            }
        }
    }

    /// <summary>
    /// How long a job that begins now may keep its place; null when slow lanes have no places of their own. The time is shorter
    /// when fewer places are free, down to a tenth, so that many jobs that hang cannot take all of them. It is at least four
    /// times the average run, and at most <see cref="JobOptions.SlowAfter"/>.
    /// </summary>
    public TimeSpan? SlowAfter
    {
        get
        {
            if (options.SlowConcurrency == 0)
            {
                return null;
            }

            lock (_lock)
            {
                var free = Math.Max(0, limit.Value - _quick.Places) / (double)limit.Value;
                var (sooner, usual) = (options.SlowAfter * Math.Max(free, ShortestSlowAfter), _took * MuchLonger);
                return usual > options.SlowAfter ? options.SlowAfter : sooner > usual ? sooner : usual;
            }
        }
    }

    /// <summary>Notes that lanes may have due jobs.</summary>
    public void Notice(IEnumerable<string> lanes)
    {
        lock (_lock)
        {
            foreach (var name in lanes)
            {
                Notice(Of(name));
            }
        }
    }

    /// <summary>Decides what to claim now: nothing when no lane has jobs that could begin soon.</summary>
    public IReadOnlyList<LaneAsk> Ask()
    {
        lock (_lock)
        {
            var ahead = (Quick: Room(), Slow: Math.Max(0, options.SlowConcurrency - _slow.Places - _slow.Buffered));
            var asks = new List<LaneAsk>();
            var (lanes, left, slowLanes) = (Math.Min(_due.Count, MaxAsks), _due.Count, 0);
            var later = new Queue<BufferedLane<TWork>>();
            for (; left > 0 && asks.Count < MaxAsks; left--)
            {
                var lane = _due.Dequeue();
                var room = LimitOf(lane) - lane.Running - lane.Jobs.Count + AheadOf(lane);
                var wanted = Math.Min(room, paced(lane.Name) ?? int.MaxValue);

                // Each lane gets the same share, so that a claim does not fill the buffer with the jobs of one lane.
                var quick = lane.IsSlow ? 0 : Math.Min(wanted, Share(ahead.Quick, lanes - asks.Count));
                var slow = Math.Min(wanted, Share(options.SlowConcurrency == 0 ? ahead.Quick : ahead.Slow, lanes - asks.Count));

                // A quick lane is not asked while no quick place is free: an empty answer would mark it as having no jobs.
                if (lane.Unsettled > 0 || (lane.IsSlow ? slow : quick) <= 0 || !IsLow(lane)
                    || lane.IsSlow && ++slowLanes > MaxSlowAsks)
                {
                    later.Enqueue(lane);
                    continue;
                }

                lane.IsDue = false;

                // A lane known as slow here gets only slow places, even if the database does not know it as slow yet.
                asks.Add(new(lane.Name, Math.Max(lane.IsSlow ? slow : quick, 0), Math.Max(slow, 0)));
                ahead = (ahead.Quick - Math.Max(quick, 0), ahead.Slow - (lane.IsSlow ? Math.Max(slow, 0) : 0));
            }

            // Lanes that had no room come first the next time.
            foreach (var lane in _due)
            {
                later.Enqueue(lane);
            }

            _due = later;
            return asks;
        }
    }

    /// <summary>Adds claimed jobs.</summary>
    /// <param name="asks">What the claim asked for. A lane that gave all of it may have more.</param>
    /// <param name="jobs">The jobs.</param>
    /// <returns>
    /// The jobs that are not added, and have to be returned to the queue: <see cref="DrainUntilSettled"/> came for their lane
    /// while they were claimed.
    /// </returns>
    public IReadOnlyList<LeasedJob> Add(IReadOnlyList<LaneAsk> asks, IReadOnlyList<ClaimedJob<TWork>> jobs)
    {
        lock (_lock)
        {
            var got = new Dictionary<string, int>(StringComparer.Ordinal);
            var late = new List<LeasedJob>();
            foreach (var job in jobs)
            {
                var lane = Of(job.Job.Lane);
                if (lane.Unsettled > 0 && !job.Job.IsTrial)
                {
                    late.Add(job.Job);
                    continue;
                }

                SetSlow(lane, lane.IsSlow || job.Job.IsSlow && options.SlowConcurrency > 0);
                lane.Jobs.Enqueue(job);
                SideOf(lane).Add(lane, 1);
                got[lane.Name] = got.GetValueOrDefault(lane.Name) + 1;
            }

            foreach (var ask in asks)
            {
                var lane = Of(ask.Lane);
                if (got.TryGetValue(ask.Lane, out var count) && count >= (lane.IsSlow ? ask.SlowPlaces : ask.Places))
                {
                    Notice(lane);
                }
            }

            return late;
        }
    }

    /// <summary>Takes places for jobs that can begin.</summary>
    /// <param name="slow">Whether to take places for slow lanes.</param>
    /// <param name="max">The most to take.</param>
    /// <returns>How many were taken. <see cref="TryTakeOrLeave"/> gives each of them back.</returns>
    public int TakePlaces(bool slow, int max)
    {
        lock (_lock)
        {
            var side = slow ? _slow : _quick;
            var places = Math.Clamp(Math.Min(side.Buffered, LimitOf(slow) - side.Places), 0, max);
            side.Places += places;
            return places;
        }
    }

    /// <summary>Takes the next job for a place, of the lane that runs the fewest, or gives the place back.</summary>
    /// <param name="slow">Whether the place is one for slow lanes.</param>
    /// <param name="job">The job.</param>
    /// <returns>False when no job may begin, or when there are too many places; the place is given back then.</returns>
    public bool TryTakeOrLeave(bool slow, out ClaimedJob<TWork> job)
    {
        lock (_lock)
        {
            var side = slow ? _slow : _quick;
            if (side.Places > LimitOf(slow) || side.Next(LimitOf) is not { } lane)
            {
                side.Places--;
                job = null!;
                return false;
            }

            job = lane.Jobs.Dequeue();
            side.Remove(lane, 1);
            lane.Running++;
            return true;
        }
    }

    /// <summary>
    /// Moves a running job to a place for slow lanes and makes its lane slow. A job that has run for
    /// <see cref="JobOptions.SlowAfter"/> moves in any case, another only to a free place.
    /// </summary>
    /// <returns>False when no such place is free.</returns>
    public bool TryMoveToSlow(LeasedJob job, TimeSpan ran)
    {
        lock (_lock)
        {
            if (ran < options.SlowAfter && _slow.Places >= options.SlowConcurrency)
            {
                return false;
            }

            _quick.Places--;
            _slow.Places++;
            SetSlow(Of(job.Lane), true);
            return true;
        }
    }

    /// <summary>
    /// Takes out the jobs of a lane that have not begun, because a job of it ended in a way that may hold the lane. The lane is
    /// slow from now on, and is not claimed from until <see cref="Leave"/> tells that the outcome is committed.
    /// </summary>
    public IReadOnlyList<LeasedJob> DrainUntilSettled(string name)
    {
        lock (_lock)
        {
            var lane = Of(name);
            SetSlow(lane, true);
            lane.Unsettled++;
            return Drain(lane);
        }
    }

    /// <summary>Takes out the jobs of all lanes that have not begun.</summary>
    public IReadOnlyList<LeasedJob> Drain()
    {
        lock (_lock)
        {
            return [.. _lanes.Values.SelectMany(Drain)];
        }
    }

    /// <summary>Notes that a job no longer runs.</summary>
    /// <param name="job">The job.</param>
    /// <param name="took">How long it ran; null when that says nothing about its lane.</param>
    /// <param name="isSlow">
    /// Whether its lane is slow from now on; null leaves it as it is. True ends what <see cref="DrainUntilSettled"/> began.
    /// </param>
    /// <returns>Whether to claim again, and whether buffered jobs of the lane wait for the other places now.</returns>
    public (bool Claim, bool Moved) Leave(LeasedJob job, TimeSpan? took, bool? isSlow)
    {
        lock (_lock)
        {
            var lane = Of(job.Lane);
            var wasSlow = lane.IsSlow;
            lane.Running--;
            if (took is { } time)
            {
                (lane.Took, _took) = (Average(lane.Took, time), Average(_took, time));
            }

            if (isSlow is { } slow)
            {
                SetSlow(lane, slow);
                lane.Unsettled -= slow ? 1 : 0;
            }

            var claim = lane.IsDue && IsLow(lane) && (lane.IsSlow || Room() > 0) || _due.Count > 0 && _quick.Buffered == 0;
            return (claim, lane.IsSlow != wasSlow && lane.Jobs.Count > 0);
        }
    }

    private static int Share(int room, int lanes) => (int)Math.Ceiling(room / (double)Math.Max(1, lanes));

    private static TimeSpan Average(TimeSpan average, TimeSpan took) =>
        average == TimeSpan.Zero ? took : (average * 7 + took) / 8;

    private static int AheadOf(int places, TimeSpan took) =>
        (int)Math.Min(MaxAhead, places * (Ahead / (took == TimeSpan.Zero ? Unknown : took)));

    private int LimitOf(bool slow) => slow ? options.SlowConcurrency : limit.Value;

    private int LimitOf(BufferedLane<TWork> lane) => options.Sources.GetValueOrDefault(lane.Name)?.Concurrency ?? options.PerLane
        ?? Math.Max(limit.Value, options.SlowConcurrency);

    // How many jobs of quick lanes to claim. While all places have work, none are claimed until half of the jobs claimed ahead
    // have begun, because a claim of hundreds costs little more than one of a few.
    private int Room()
    {
        var (free, most) = (limit.Value - _quick.Places - _quick.Buffered, AheadOf(limit.Value, _took));
        return free > 0 || free + most >= most / 2 ? Math.Max(0, free + most) : 0;
    }

    // Whether so few jobs of a lane are left that it is time to claim more.
    private bool IsLow(BufferedLane<TWork> lane) => lane.Jobs.Count <= AheadOf(lane) / 2;

    private int AheadOf(BufferedLane<TWork> lane) => lane.IsSlow ? 0 : AheadOf(Math.Min(LimitOf(lane), limit.Value), lane.Took);

    private BufferSide<TWork> SideOf(BufferedLane<TWork> lane) => lane.IsSlow ? _slow : _quick;

    private void Notice(BufferedLane<TWork> lane)
    {
        if (!lane.IsDue)
        {
            lane.IsDue = true;
            _due.Enqueue(lane);
        }
    }

    private IReadOnlyList<LeasedJob> Drain(BufferedLane<TWork> lane)
    {
        LeasedJob[] drained = [.. lane.Jobs.Select(job => job.Job)];
        lane.Jobs.Clear();
        SideOf(lane).Remove(lane, drained.Length);
        return drained;
    }

    private void SetSlow(BufferedLane<TWork> lane, bool slow)
    {
        if (lane.IsSlow == slow || options.SlowConcurrency == 0)
        {
            return;
        }

        SideOf(lane).Leave(lane);
        lane.IsSlow = slow;
        SideOf(lane).Add(lane, lane.Jobs.Count);
    }

    private BufferedLane<TWork> Of(string name)
    {
        if (!_lanes.TryGetValue(name, out var lane))
        {
            if (_lanes.Count >= MaxLanes)
            {
                foreach (var idle in _lanes.Values.Where(one => one is { Running: 0, IsDue: false, Jobs.Count: 0 }).ToList())
                {
                    _lanes.Remove(idle.Name);
                }
            }

            _lanes.Add(name, lane = new(name));
        }

        return lane;
    }
}
