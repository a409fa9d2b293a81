namespace Aspire.Webhooks.Queue;

/// <summary>
/// What one pump holds and has not begun, by lane, and which lane's turn it is. Knows which lanes may have due jobs, how many of
/// each run, and how many more to ask for.
/// </summary>
/// <param name="options">The kind's.</param>
/// <param name="limit">How many jobs run at once, of lanes that are not slow.</param>
/// <param name="paced">How many jobs of a lane may start at this moment; null for no such limit.</param>
internal sealed class JobBuffer<TWork>(JobOptions options, JobLimit limit, Func<string, int?> paced)
{
    // What is claimed ahead is what the places begin within this time: longer than a claim takes under load, and no longer than
    // another replica that is idle, or a job that is due first, can wait.
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(200);
    private const int MaxAhead = 1000;

    private const double ShortestSlowAfter = 0.1;
    private const int MuchLonger = 4;

    // More lanes than this are not asked about in one claim: the others' turn comes with the next.
    private const int MaxAsks = 256;

    // Lanes come and go. One that is forgotten counts as quick and as one whose jobs take long.
    private const int MaxLanes = 10_000;

    // A lane of which nothing is known yet gets no job ahead of its places.
    private static readonly TimeSpan Unknown = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private readonly Side _quick = new();
    private readonly Side _slow = new();
    private Queue<Lane> _due = new();
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

    /// <summary>Whether a job that takes long can go on at a place for such.</summary>
    public bool HasSlowPlace
    {
        get
        {
            lock (_lock)
            {
                return _slow.Places < options.SlowConcurrency;
            }
        }
    }

    /// <summary>
    /// When a job that begins now has to give up its place: the fewer places are left, the sooner, so that a thousand that hang, and
    /// were not known to, do not take them all at once. Not before it takes much longer than others do, as all may where the
    /// processors are busy.
    /// </summary>
    public TimeSpan SlowAfter
    {
        get
        {
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

    /// <summary>What to claim now: nothing when no lane has work that could begin soon.</summary>
    public IReadOnlyList<LaneAsk> Ask()
    {
        lock (_lock)
        {
            var ahead = (Quick: Room(), Slow: Math.Max(0, options.SlowConcurrency - _slow.Places - _slow.Buffered));
            var asks = new List<LaneAsk>();
            var (lanes, left) = (Math.Min(_due.Count, MaxAsks), _due.Count);
            var later = new Queue<Lane>();
            for (; left > 0 && asks.Count < MaxAsks; left--)
            {
                var lane = _due.Dequeue();
                var wanted = Math.Min(LimitOf(lane) - lane.Running - lane.Jobs.Count + AheadOf(lane), paced(lane.Name) ?? int.MaxValue);

                // A like share for each lane: a claim does not fill the buffer with one of them.
                var quick = lane.IsSlow ? 0 : Math.Min(wanted, Share(ahead.Quick, lanes - asks.Count));
                var slow = Math.Min(wanted, Share(options.SlowConcurrency == 0 ? ahead.Quick : ahead.Slow, lanes - asks.Count));
                // Without a place for a quick lane it is not asked: it would give nothing, and be taken for empty.
                if ((lane.IsSlow ? slow : quick) <= 0 || !IsLow(lane))
                {
                    later.Enqueue(lane);
                    continue;
                }

                lane.IsDue = false;
                // What is slow here has only slow places, also where the database knows nothing of it yet.
                asks.Add(new(lane.Name, Math.Max(lane.IsSlow ? slow : quick, 0), Math.Max(slow, 0)));
                ahead = (ahead.Quick - Math.Max(quick, 0), ahead.Slow - (lane.IsSlow ? Math.Max(slow, 0) : 0));
            }

            // Those that had no room come first the next time.
            foreach (var lane in _due)
            {
                later.Enqueue(lane);
            }

            _due = later;
            return asks;
        }
    }

    /// <summary>Takes what was claimed.</summary>
    /// <param name="asks">What was asked for: a lane that gave all of it may have more.</param>
    public void Add(IReadOnlyList<LaneAsk> asks, IReadOnlyList<ClaimedJob<TWork>> jobs)
    {
        lock (_lock)
        {
            var got = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var job in jobs)
            {
                var lane = Of(job.Job.Lane);
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
        }
    }

    /// <summary>Takes places for what can begin.</summary>
    /// <param name="max">So many at most.</param>
    /// <returns>How many; each is given back by <see cref="TryTakeOrLeave"/>.</returns>
    public int TakePlaces(bool slow, int max)
    {
        lock (_lock)
        {
            var side = slow ? _slow : _quick;
            var places = Math.Clamp(Math.Min(side.Buffered, (slow ? options.SlowConcurrency : limit.Value) - side.Places), 0, max);
            side.Places += places;
            return places;
        }
    }

    /// <summary>Takes the next job for a place: of the lane that runs the fewest.</summary>
    /// <returns>False when there is none that may begin, or there are too many places: then the place is given back.</returns>
    public bool TryTakeOrLeave(bool slow, out ClaimedJob<TWork> job)
    {
        lock (_lock)
        {
            var side = slow ? _slow : _quick;
            var most = slow ? options.SlowConcurrency : limit.Value;
            if (side.Places > most || side.Next(LimitOf) is not { } lane)
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

    /// <summary>Goes on at a place for slow lanes, free or not.</summary>
    public void MoveToSlow(LeasedJob job)
    {
        lock (_lock)
        {
            _quick.Places--;
            _slow.Places++;
            SetSlow(Of(job.Lane), true);
        }
    }

    /// <summary>Notes that a job's work is done.</summary>
    /// <param name="took">How long it ran; null when it did not.</param>
    /// <param name="isSlow">Whether its lane is slow from now on, or is no longer; null leaves it as it is.</param>
    /// <returns>Whether it is time for another claim, and whether jobs wait for other places now.</returns>
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
            }

            var claim = lane.IsDue && IsLow(lane) && (lane.IsSlow || Room() > 0) || _due.Count > 0 && _quick.Buffered == 0;
            return (claim, lane.IsSlow != wasSlow && lane.Jobs.Count > 0);
        }
    }

    /// <summary>Takes out what has not begun.</summary>
    /// <param name="lane">Of one lane, which is slow from now on; null for all.</param>
    public IReadOnlyList<LeasedJob> Drain(string? lane = null)
    {
        lock (_lock)
        {
            if (lane is not null)
            {
                SetSlow(Of(lane), true);
            }

            var drained = new List<LeasedJob>();
            foreach (var one in lane is null ? [.. _lanes.Values] : new[] { Of(lane) })
            {
                drained.AddRange(one.Jobs.Select(job => job.Job));
                var count = one.Jobs.Count;
                one.Jobs.Clear();
                SideOf(one).Remove(one, count);
            }

            return drained;
        }
    }

    private static int Share(int room, int lanes) => (int)Math.Ceiling(room / (double)Math.Max(1, lanes));

    private static TimeSpan Average(TimeSpan average, TimeSpan took) => average == TimeSpan.Zero ? took : (average * 7 + took) / 8;

    private static int AheadOf(int places, TimeSpan took) =>
        (int)Math.Min(MaxAhead, places * (Ahead / (took == TimeSpan.Zero ? Unknown : took)));

    private int LimitOf(Lane lane) => options.Sources.GetValueOrDefault(lane.Name)?.Concurrency ?? options.PerLane
        ?? Math.Max(limit.Value, options.SlowConcurrency);

    // What a claim may take for places that are not slow. While all of them have work it waits until half of what is held ahead
    // is gone: a claim of hundreds costs little more than one of a few.
    private int Room()
    {
        var (free, most) = (limit.Value - _quick.Places - _quick.Buffered, AheadOf(limit.Value, _took));
        return free > 0 || free + most >= most / 2 ? Math.Max(0, free + most) : 0;
    }

    private bool IsLow(Lane lane) => lane.Jobs.Count <= AheadOf(lane) / 2;

    private int AheadOf(Lane lane) => lane.IsSlow ? 0 : AheadOf(Math.Min(LimitOf(lane), limit.Value), lane.Took);

    private Side SideOf(Lane lane) => lane.IsSlow ? _slow : _quick;

    private void Notice(Lane lane)
    {
        if (!lane.IsDue)
        {
            lane.IsDue = true;
            _due.Enqueue(lane);
        }
    }

    private void SetSlow(Lane lane, bool slow)
    {
        if (lane.IsSlow == slow || options.SlowConcurrency == 0)
        {
            return;
        }

        SideOf(lane).Leave(lane);
        lane.IsSlow = slow;
        SideOf(lane).Add(lane, lane.Jobs.Count);
    }

    private Lane Of(string name)
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

    /// <summary>A source or an endpoint, as this pump knows it.</summary>
    private sealed class Lane(string name)
    {
        public string Name => name;

        public Queue<ClaimedJob<TWork>> Jobs { get; } = new();

        public int Running { get; set; }

        public bool IsSlow { get; set; }

        /// <summary>Whether it may have due jobs in the database.</summary>
        public bool IsDue { get; set; }

        /// <summary>How long its jobs take: an average in which the latest counts an eighth; zero when none is known.</summary>
        public TimeSpan Took { get; set; }
    }

    /// <summary>The places for slow lanes, or those for the others, and what waits for them.</summary>
    private sealed class Side
    {
        private readonly List<Lane> _lanes = [];
        private int _turn;

        public int Places { get; set; }

        public int Buffered { get; private set; }

        /// <summary>Notes that a lane has so many more jobs.</summary>
        public void Add(Lane lane, int jobs)
        {
            Buffered += jobs;
            if (jobs > 0 && lane.Jobs.Count == jobs)
            {
                _lanes.Add(lane);
            }
        }

        /// <summary>Notes that a lane has so many fewer.</summary>
        public void Remove(Lane lane, int jobs)
        {
            Buffered -= jobs;
            if (lane.Jobs.Count == 0)
            {
                _lanes.Remove(lane);
            }
        }

        /// <summary>Notes that a lane's jobs wait for other places.</summary>
        public void Leave(Lane lane)
        {
            Buffered -= lane.Jobs.Count;
            _lanes.Remove(lane);
        }

        /// <summary>The lane that runs the fewest and may run more; of several the one whose turn it is.</summary>
        public Lane? Next(Func<Lane, int> limitOf)
        {
            var (next, found) = ((Lane?)null, 0);
            for (var looked = 0; looked < _lanes.Count && next?.Running != 0; looked++)
            {
                var at = (_turn + looked) % _lanes.Count;
                var lane = _lanes[at];
                if (lane.Running < limitOf(lane) && (next is null || lane.Running < next.Running))
                {
                    (next, found) = (lane, at);
                }
            }

            // A lane that leaves the list here gives its number to the one behind it, whose turn it is then.
            _turn = next is null ? _turn : next.Jobs.Count == 1 ? found : found + 1;
            return next;
        }
    }
}
