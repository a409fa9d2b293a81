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
/// Runs the jobs of one kind. It claims jobs (<see cref="JobClaims{TWork}"/>) into a buffer (<see cref="JobBuffer{TWork}"/>),
/// runs many at once while their leases are renewed (<see cref="JobLeases"/>), and hands each outcome to the settlement (<see
/// cref="JobSettlement"/>). A place is free when the work is done, not when its outcome is committed.
/// </summary>
public sealed class JobPump<THandler, TWork> : BackgroundService
    where THandler : class, IJobHandler<TWork>
{
    private static readonly JobKind Kind = THandler.Kind;

    // How often the limit of jobs that run at once is adjusted.
    private static readonly TimeSpan Tune = TimeSpan.FromMilliseconds(200);

    // Jobs that failed together become due together, hundreds at a time. If they all began at once, they would take the
    // processors from the others. Two begin every 5 ms; 16 every 20 ms doubled the p99 of the others.
    private static readonly TimeSpan SlowStep = TimeSpan.FromMilliseconds(5);
    private const int SlowAtOnce = 2;

    // How many statements one search sends. More lanes are looked at by the next searches.
    private const int LooksAtOnce = 10;

    // How many held lanes one search tries. More holds that end together are tried by the next searches.
    private const int TrialsAtOnce = 16;

    // The values of _slowStarts. 0: no loop runs; Begun: it runs; Asked: it runs, and must look once more.
    private const int Begun = 1;
    private const int Asked = 2;

    // How long one request to yield holds. The intake repeats it each second while it refuses requests.
    private static readonly TimeSpan Yield = TimeSpan.FromSeconds(1.5);

    // How long a statement may take at a stop, such as a claim that is under way.
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
    private readonly DueTimes _postponed;
    private readonly Action _moved;
    private Task _search = Task.CompletedTask;
    private volatile bool _isSearching;
    private string? _searchedUpTo;
    private TimeSpan _dueFor;
    private TimeSpan _late;
    private long _askedToYield;
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
        _postponed = new(time);
        _settlement = new(
            Kind, database, _leases, wakeup, (job, error) => WithBurial(job, Failed(job, error)), Postponed, time, logger);
        _outage = new(time);
        _moved = Moved;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        JobMetrics.Begin(Kind);
        await _schema.WaitAsync(stoppingToken);
        await _handler.ReadyAsync(stoppingToken);
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
            await _search;
        }

        // Jobs that have not begun go back to the queue now. Those that run may end within the grace; then they are handed back.
        giveUp.CancelAfter(_options.Grace + LastCall + LastCall);
        await using (_time.CreateTimer(_ => _leases.CancelAll(), null, _options.Grace, Timeout.InfiniteTimeSpan))
        {
            using var limit = new CancellationTokenSource(LastCall, _time);
            await ReturnAllAsync(limit.Token);
            await AllEndedAsync();
        }

        _settlement.Complete();
        await settling;
        await stopLeases.CancelAsync();
        await keeping;
    }

    // Claims until nothing more is wanted or due, then waits for a wake-up or the next poll. A stop does not cancel a claim that
    // is under way: it may be committed already, and nobody would run its jobs until their leases expire.
    private async Task RunLoopAsync(CancellationToken stoppingToken, CancellationToken lastClaim)
    {
        var polled = 0L;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var (all, lanes) = _signal.Take();
                _buffer.Notice(lanes);
                _buffer.Notice(_postponed.Take());
                polled = all ? 0 : polled;
                if (!_isSearching && (polled == 0 || _time.GetElapsedTime(polled) >= _options.Poll))
                {
                    polled = _time.GetTimestamp();
                    _isSearching = true;
                    _search = SearchAsync(stoppingToken, lastClaim);
                }

                if (YieldsFor() is { } yields)
                {
                    // The buffer keeps the lanes that may have due jobs.
                    await Task.Delay(yields, _time, stoppingToken);
                    continue;
                }

                var asks = _buffer.Ask();
                if (asks.Count > 0)
                {
                    await ClaimAsync(asks, lastClaim);
                    continue;
                }

                // The end of a search is a wake-up.
                var untilPoll = _isSearching ? _options.Poll : _options.Poll - _time.GetElapsedTime(polled);
                var wait = _postponed.Next is { } next && next < untilPoll ? next : untilPoll;
                await _signal.WaitAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _time, stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // Stopping.
            }
            catch (Exception exception)
            {
                NoteOutage(exception);
                await _signal.WaitAsync(_options.Poll, _time, stoppingToken);
            }
        }
    }

    // Returns how long to yield to an intake that refuses requests; null when the pump does not yield. Polls continue
    // meanwhile, because they measure how late the jobs are.
    private TimeSpan? YieldsFor()
    {
        if (_signal.TakeYield())
        {
            _askedToYield = _time.GetTimestamp();
        }

        if (_askedToYield == 0 || _late >= _options.YieldFor)
        {
            return null;
        }

        var left = Yield - _time.GetElapsedTime(_askedToYield);
        return left <= TimeSpan.Zero ? null : left < _options.Poll ? left : _options.Poll;
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
        await TakeAsync(asks, jobs);
    }

    // Finds jobs that no wake-up announced: retries that are due, trials of holds that have ended, leases that have expired.
    // Meanwhile the loop claims what wake-ups announce.
    private async Task SearchAsync(CancellationToken stoppingToken, CancellationToken lastClaim)
    {
        try
        {
            for (var looks = 0; looks < LooksAtOnce && !stoppingToken.IsCancellationRequested; looks++)
            {
                var found = await JobLanes.FindDueAsync(_database, Kind, _searchedUpTo, JobLanes.FewLanes, lastClaim);
                _searchedUpTo = found.Next;
                if (found.Lanes.Count > 0)
                {
                    _buffer.Notice(found.Lanes);
                    _signal.Set([]);
                }

                _dueFor = found.DueFor > _dueFor ? found.DueFor : _dueFor;
                if (found.Next is null)
                {
                    JobMetrics.DueFor(Kind, _dueFor);
                    (_late, _dueFor) = (_dueFor, TimeSpan.Zero);
                    break;
                }
            }

            if (!stoppingToken.IsCancellationRequested)
            {
                await TakeAsync([], await _claims.ClaimTrialsAsync(TrialsAtOnce, lastClaim));
            }

            NoteDatabase();
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (Exception exception)
        {
            NoteOutage(exception);
        }
        finally
        {
            _isSearching = false;
            _signal.Set([]);
        }
    }

    private void NoteOutage(Exception exception)
    {
        if (_outage.Begins())
        {
            JobLog.ClaimFailed(_logger, Kind, exception);
        }
    }

    private void NoteDatabase()
    {
        if (_outage.Ends() is not null)
        {
            JobLog.ClaimsAgain(_logger, Kind);
        }
    }

    private async Task TakeAsync(IReadOnlyList<LaneAsk> asks, IReadOnlyList<ClaimedJob<TWork>> jobs)
    {
        foreach (var job in jobs)
        {
            _leases.Add(job.Job);
        }

        if (jobs.Count(job => job.Job.HadExpired) is > 0 and var expired)
        {
            JobLog.ClaimedExpired(_logger, Kind, expired);
        }

        var late = _buffer.Add(asks, jobs);
        Begin();
        await ReturnAsync(late, CancellationToken.None);
    }

    // Takes free places for jobs that can begin. Each place is a loop that runs one job after the other until none is left.
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

    /// <summary>Runs one job at a place.</summary>
    /// <returns>Whether the place is one for slow lanes now.</returns>
    private async Task<bool> RunAsync(ClaimedJob<TWork> claimed, bool slow)
    {
        var job = claimed.Job;
        if (!_leases.TryBegin(job, out var cancellation))
        {
            // Another process may have the job. Nothing was done, so there is nothing to settle.
            _leases.Remove(job);
            _buffer.Leave(job, null, null);
            JobLog.LeaseLost(_logger, Kind, job.Id);
            return slow;
        }

        var place = new JobPlace<TWork>(_buffer, job, slow, _time, _moved);
        var start = _time.GetTimestamp();
        JobOutcome outcome;
        TimeSpan took;
        try
        {
            await using (place)
            {
                outcome = WithBurial(job, await OutcomeAsync(claimed, cancellation));
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

        // A failure or a late success makes the lane slow; a success in time makes it quick again.
        bool? isSlow = _options.SlowConcurrency == 0 || outcome.Succeeded is not { } succeeded
            ? null
            : !succeeded || took >= _options.SlowAfter;
        Interlocked.Increment(ref _ended);
        var settlement = new Settlement(job, outcome) { IsSlow = isSlow == job.IsSlow || job.IsTrial ? null : isSlow };
        if (isSlow == true)
        {
            // This outcome may hold the lane, which a claim sees only after the commit. Until then the job still counts as
            // running in its lane, nothing is claimed from the lane, and its jobs that have not begun go back to the queue.
            settlement = settlement with { Ended = () => Leave(job, took, isSlow) };
            await ReturnAsync(_buffer.DrainUntilSettled(job.Lane), CancellationToken.None);
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

        // A job that kills its process never reaches the catch below, but its starts are counted.
        if (ScheduleOf(job.Lane).AtStart(job.Attempt) is { } buried)
        {
            return buried;
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

    private JobOutcome WithBurial(LeasedJob job, JobOutcome outcome) =>
        outcome.IsBuried ? _handler.Buried(job, outcome) : outcome;

    private void Postponed(string lane, TimeSpan delay)
    {
        if (_postponed.Add(lane, delay))
        {
            _signal.Set([]);
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

    // Returns all jobs that have not begun to the queue, for other processes.
    private async Task ReturnAllAsync(CancellationToken cancellationToken)
    {
        var jobs = _buffer.Drain();
        await ReturnAsync(jobs, cancellationToken);
        if (jobs.Count > 0)
        {
            _wakeup.Notify(Kind, [.. jobs.Select(job => job.Lane).Distinct(StringComparer.Ordinal)]);
        }
    }

    private async Task ReturnAsync(IReadOnlyList<LeasedJob> jobs, CancellationToken cancellationToken)
    {
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
            // They can be claimed when their leases expire.
            JobLog.NotReturned(_logger, Kind, jobs.Count, exception);
        }

        foreach (var job in jobs)
        {
            _leases.Remove(job);
        }

        _buffer.Notice(jobs.Select(job => job.Lane));
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

    private void Moved()
    {
        Begin();
        _signal.Set([]);
    }
}
