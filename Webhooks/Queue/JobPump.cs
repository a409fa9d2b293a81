using Aspire.Webhooks.ServiceDefaults.Logging;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Queue;

/// <summary>
/// Works off one kind of job: claims (<see cref="JobClaims{TWork}"/>) what its lanes have into a buffer
/// (<see cref="JobBuffer{TWork}"/>), runs it side by side while the leases are kept (<see cref="JobLeases"/>), and hands each
/// outcome to the settlement (<see cref="JobSettlement"/>). A place is free when the work is done, not when its outcome is committed.
/// </summary>
public sealed class JobPump<THandler, TWork> : BackgroundService
    where THandler : class, IJobHandler<TWork>
{
    private static readonly JobKind Kind = THandler.Kind;

    // How often the limit is tuned.
    private static readonly TimeSpan Tune = TimeSpan.FromMilliseconds(200);

    // Hundreds of retries become due in one moment when those that failed together are tried again. All at once they would take
    // the processors from the others for as long as it takes to begin them. 16 every 20 ms doubled the others' p99.
    private static readonly TimeSpan SlowStep = TimeSpan.FromMilliseconds(5);
    private const int SlowAtOnce = 2;
    private const int TrialsAtOnce = 16;
    private const int Begun = 1;
    private const int Asked = 2;

    // What the database is asked at a stop, claims that are under way included, has so long to be answered.
    private static readonly TimeSpan LastCall = TimeSpan.FromSeconds(3);

    private readonly THandler _handler;
    private readonly NpgsqlDataSource _database;
    private readonly JobWakeup _wakeup;
    private readonly JobSignal _signal;
    private readonly SchemaMigration _schema;
    private readonly Redactor _redactor;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly JobOptions _options;
    private readonly JobLimit _limit;
    private readonly JobBuffer<TWork> _buffer;
    private readonly JobClaims<TWork> _claims;
    private readonly JobLeases _leases;
    private readonly JobSettlement _settlement;
    private readonly Outage _outage;
    private string? _searchedUpTo;
    private TimeSpan _dueFor;
    private int _running;
    private int _ended;
    private int _slowStarts;
    private volatile TaskCompletionSource _idle = new();

    public JobPump(
        THandler handler,
        [FromKeyedServices(StorageRegistration.Queue)] NpgsqlDataSource database,
        JobWakeup wakeup,
        SchemaMigration schema,
        Redactor redactor,
        IOptionsMonitor<JobOptions> options,
        TimeProvider time,
        ILogger<JobPump<THandler, TWork>> logger)
    {
        _handler = handler;
        _database = database;
        _wakeup = wakeup;
        _signal = wakeup.Of(Kind);
        _schema = schema;
        _redactor = redactor;
        _time = time;
        _logger = logger;
        _options = options.Get(Kind.ToString());
        _limit = new(_options.Concurrency);
        _buffer = new(_options, _limit, handler.Paced);
        _claims = new(Kind, new(THandler.Columns, THandler.Joins, THandler.Read), database, _options.Lease, time);
        _leases = new(Kind, _options.Lease, database, time, logger);
        _settlement = new(Kind, database, _leases, wakeup, Failed, time, logger);
        _outage = new(time);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _schema.WaitAsync(stoppingToken);
        await _wakeup.ListenAsync(Kind);

        using var stopLeases = new CancellationTokenSource();
        using var lastClaim = new CancellationTokenSource();
        await using var stop = stoppingToken.Register(() => lastClaim.CancelAfter(LastCall));
        using var giveUp = new CancellationTokenSource();
        var keeping = _leases.KeepAsync(stopLeases.Token);
        var settling = _settlement.RunAsync(giveUp.Token);
        await using (_time.CreateTimer(_ => TuneLimit(), null, Tune, Tune))
        {
            await RunLoopAsync(stoppingToken, lastClaim.Token);
        }

        // What runs has some time to end; then it is handed back, and what has not begun at once.
        giveUp.CancelAfter(_options.Grace + LastCall + LastCall);
        await using (_time.CreateTimer(_ => _leases.CancelAll(), null, _options.Grace, Timeout.InfiniteTimeSpan))
        {
            using var limit = new CancellationTokenSource(LastCall, _time);
            await ReturnAsync(null, limit.Token);
            await AllEndedAsync();
        }

        _settlement.Complete();
        await settling;
        await stopLeases.CancelAsync();
        await keeping;
    }

    // One loop: a claim, until nothing more is wanted or there; then a wake-up, or the next poll. A stop is looked for between
    // claims and does not cut one short: it may be committed already, and nobody would know of the jobs until their leases expire.
    private async Task RunLoopAsync(CancellationToken stoppingToken, CancellationToken lastClaim)
    {
        var polled = 0L;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var (all, lanes) = _signal.Take();
                _buffer.Notice(lanes);
                if (all || polled == 0 || _time.GetElapsedTime(polled) >= _options.Poll)
                {
                    polled = _time.GetTimestamp();
                    await SearchAsync(lastClaim);
                }

                var asks = _buffer.Ask();
                if (asks.Count > 0)
                {
                    await ClaimAsync(asks, lastClaim);
                    continue;
                }

                var untilPoll = _options.Poll - _time.GetElapsedTime(polled);
                await _signal.WaitAsync(untilPoll > TimeSpan.Zero ? untilPoll : TimeSpan.Zero, _time, stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // Stopping.
            }
            catch (Exception exception)
            {
                if (_outage.Begins())
                {
                    JobLog.ClaimFailed(_logger, Kind, exception);
                }

                await _signal.WaitAsync(_options.Poll, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ClaimAsync(IReadOnlyList<LaneAsk> asks, CancellationToken cancellationToken)
    {
        IReadOnlyList<ClaimedJob<TWork>> jobs;
        try
        {
            jobs = await _claims.ClaimAsync(asks, cancellationToken);
        }
        catch
        {
            _buffer.Notice(asks.Select(ask => ask.Lane));
            throw;
        }

        NoteDatabase();
        Take(asks, jobs);
    }

    // What no wake-up told of: retries that are due, holds that have ended, leases that have expired.
    private async Task SearchAsync(CancellationToken cancellationToken)
    {
        var found = await JobLanes.FindDueAsync(_database, Kind, _searchedUpTo, cancellationToken);
        _searchedUpTo = found.Next;
        _buffer.Notice(found.Lanes);
        _dueFor = found.DueFor > _dueFor ? found.DueFor : _dueFor;
        if (found.Next is null)
        {
            JobMetrics.DueFor(Kind, _dueFor);
            _dueFor = TimeSpan.Zero;
        }

        Take([], await _claims.ClaimTrialsAsync(TrialsAtOnce, cancellationToken));
        NoteDatabase();
    }

    private void NoteDatabase()
    {
        if (_outage.Ends() is not null)
        {
            JobLog.ClaimsAgain(_logger, Kind);
        }
    }

    private void Take(IReadOnlyList<LaneAsk> asks, IReadOnlyList<ClaimedJob<TWork>> jobs)
    {
        foreach (var job in jobs)
        {
            _leases.Add(job.Job);
        }

        if (jobs.Count(job => job.Job.HadExpired) is > 0 and var expired)
        {
            JobLog.ClaimedExpired(_logger, Kind, expired);
        }

        _buffer.Add(asks, jobs);
        Begin();
    }

    // A place is a loop that runs one job after the other, until none is left for it.
    private void Begin()
    {
        Begin(slow: false, int.MaxValue);
        if (_options.SlowConcurrency > 0 && Interlocked.Exchange(ref _slowStarts, Asked) == 0)
        {
            _ = BeginSlowlyAsync();
        }
    }

    private int Begin(bool slow, int max)
    {
        var places = _buffer.TakePlaces(slow, max);
        Interlocked.Add(ref _running, places);
        for (var place = 0; place < places; place++)
        {
            _ = Task.Run(() => WorkAsync(slow));
        }

        return places;
    }

    private async Task BeginSlowlyAsync()
    {
        do
        {
            Interlocked.Exchange(ref _slowStarts, Begun);
            while (Begin(slow: true, SlowAtOnce) > 0)
            {
                await Task.Delay(SlowStep, _time);
            }
        }
        while (Interlocked.CompareExchange(ref _slowStarts, 0, Begun) != Begun);
    }

    private async Task WorkAsync(bool slow)
    {
        while (_buffer.TryTakeOrLeave(slow, out var job))
        {
            slow = await RunAsync(job, slow);
        }

        if (Interlocked.Decrement(ref _running) == 0)
        {
            _idle.TrySetResult();
        }
    }

    /// <returns>Whether the place is one for slow lanes now.</returns>
    private async Task<bool> RunAsync(ClaimedJob<TWork> claimed, bool slow)
    {
        var job = claimed.Job;
        if (!_leases.TryBegin(job, out var cancellation))
        {
            // Somebody else may have it: nothing was done, and nothing is settled.
            _leases.Remove(job);
            _buffer.Leave(job, null, null);
            JobLog.LeaseLost(_logger, Kind, job.Id);
            return slow;
        }

        var place = new Place(this, job, slow);
        var start = _time.GetTimestamp();
        JobOutcome outcome;
        TimeSpan took;
        try
        {
            await using (place)
            {
                outcome = await OutcomeAsync(claimed, cancellation);
                took = _time.GetElapsedTime(start);
            }

            JobMetrics.Ran(Kind, took);
        }
        catch (Exception exception)
        {
            // Reading the exception of the work can fail, too. The lease is not renewed any more.
            _leases.Remove(job);
            Leave(job, null, null);
            JobLog.RunFailed(_logger, Kind, job.Id, exception);
            return place.IsSlow;
        }

        // A failure makes a lane slow, as does a success that came late; one in time makes it quick again.
        bool? isSlow = _options.SlowConcurrency == 0 || outcome.Succeeded is not { } succeeded ? null : !succeeded || took >= _options.SlowAfter;
        Interlocked.Increment(ref _ended);
        var settlement = new Settlement(job, outcome) { IsSlow = isSlow == job.IsSlow || job.IsTrial ? null : isSlow };
        if (isSlow == true)
        {
            // A failure can mean that the lane is held, which the next claim sees when it is committed: until then no more of the
            // lane run than may anyway, and what was claimed before is given back.
            settlement = settlement with { Ended = () => Leave(job, took, isSlow) };
            await ReturnAsync(job.Lane, CancellationToken.None);
        }
        else
        {
            Leave(job, took, isSlow);
        }

        await _settlement.AddAsync(settlement);
        return place.IsSlow;
    }

    private void Leave(LeasedJob job, TimeSpan? took, bool? isSlow)
    {
        var (claim, moved) = _buffer.Leave(job, took, isSlow);
        if (claim)
        {
            _signal.Set([]);
        }

        if (moved)
        {
            Begin();
        }
    }

    private async Task<JobOutcome> OutcomeAsync(ClaimedJob<TWork> claimed, CancellationToken cancellationToken)
    {
        var job = claimed.Job;

        // A job that takes its process down never reaches the catch below; its claims are counted all the same.
        if (ScheduleOf(job.Lane).AtStart(job.Attempt) is { } givenUp)
        {
            return givenUp;
        }

        try
        {
            return claimed.Unreadable is { } exception
                ? Failed(job, exception)
                : await _handler.RunAsync(job, claimed.Work, cancellationToken);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested)
        {
            JobLog.HandedBack(_logger, Kind, job.Id, exception);
            return JobOutcome.HandBack();
        }
        catch (Exception exception)
        {
            return Failed(job, exception);
        }
    }

    private JobOutcome Failed(LeasedJob job, Exception exception)
    {
        JobLog.Failed(_logger, Kind, job.Id, job.Attempt, exception);
        var error = _redactor.Redact($"{exception.GetType().Name}: {exception.Message}");
        return ScheduleOf(job.Lane).AfterFailure(job, error, _handler.RetryAfter(exception));
    }

    private RetrySchedule ScheduleOf(string lane) => _options.ScheduleOf(lane) ?? _handler.Schedule;

    private void TuneLimit()
    {
        if (_limit.Sample(Interlocked.Exchange(ref _ended, 0) / Tune.TotalSeconds, _buffer.IsShort))
        {
            Begin();
            _signal.Set([]);
        }
    }

    private async Task ReturnAsync(string? lane, CancellationToken cancellationToken)
    {
        var jobs = _buffer.Drain(lane);
        if (jobs.Count == 0)
        {
            return;
        }

        try
        {
            await _claims.ReturnAsync(jobs, cancellationToken);
        }
        catch (Exception exception)
        {
            // Their leases expire.
            JobLog.NotReturned(_logger, Kind, jobs.Count, exception);
        }

        foreach (var job in jobs)
        {
            _leases.Remove(job);
        }

        _buffer.Notice(jobs.Select(job => job.Lane));
        if (lane is null)
        {
            _wakeup.Notify(Kind, [.. jobs.Select(job => job.Lane).Distinct(StringComparer.Ordinal)]);
        }
    }

    private async Task AllEndedAsync()
    {
        while (Volatile.Read(ref _running) > 0)
        {
            var idle = _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Volatile.Read(ref _running) > 0)
            {
                await idle.Task;
            }
        }
    }

    /// <summary>
    /// The place that a running job takes up. After some time the job goes on at one for slow lanes, and its own is free: sooner
    /// than others only where there is a slow one to go to; else when its time has come, as all do.
    /// </summary>
    private sealed class Place : IAsyncDisposable
    {
        private readonly JobPump<THandler, TWork> _pump;
        private readonly LeasedJob _job;
        private readonly long _start;
        private readonly ITimer? _timer;
        private readonly TimeSpan _after;
        private readonly Lock _lock = new();
        private bool _ended;

        public Place(JobPump<THandler, TWork> pump, LeasedJob job, bool slow)
        {
            (_pump, _job, IsSlow, _start) = (pump, job, slow, pump._time.GetTimestamp());
            if (pump._options.SlowConcurrency == 0 || slow)
            {
                return;
            }

            _after = pump._buffer.SlowAfter;
            _timer = pump._time.CreateTimer(static place => ((Place)place!).MoveToSlow(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(_after, Timeout.InfiniteTimeSpan);
        }

        public bool IsSlow { get; private set; }

        public ValueTask DisposeAsync()
        {
            lock (_lock)
            {
                _ended = true;
            }

            return _timer?.DisposeAsync() ?? ValueTask.CompletedTask;
        }

        private void MoveToSlow()
        {
            lock (_lock)
            {
                if (_ended)
                {
                    return;
                }

                if (_pump._time.GetElapsedTime(_start) < _pump._options.SlowAfter && !_pump._buffer.HasSlowPlace)
                {
                    _timer!.Change(_after, Timeout.InfiniteTimeSpan);
                    return;
                }

                _pump._buffer.MoveToSlow(_job);
                IsSlow = true;
            }

            _pump.Begin();
            _pump._signal.Set([]);
        }
    }
}
