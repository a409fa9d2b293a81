using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Jobs;

/// <summary>
/// Claims jobs of one kind, runs them side by side, keeps their leases, settles them. Those of slow lanes have places of
/// their own.
/// </summary>
public sealed partial class JobPump<THandler> : BackgroundService
    where THandler : class, IJobHandler
{
    private static readonly JobKind Kind = THandler.Kind;

    // Claims for the places of slow lanes need not follow each message of the others.
    private static readonly TimeSpan SlowPause = TimeSpan.FromMilliseconds(100);

    // Hundreds of retries become due in one moment when those that failed together are tried again. All at once they would take
    // every connection to the database, and the processors, from the others for as long as it takes to begin them.
    private static readonly TimeSpan SlowStep = TimeSpan.FromMilliseconds(20);
    private const int RetriesAtOnce = 16;

    private readonly THandler _handler;
    private readonly JobQueue _queue;
    private readonly JobWakeup _wakeup;
    private readonly SchemaMigration _schema;
    private readonly Redactor _redactor;
    private readonly TimeProvider _time;
    private readonly ILogger<JobPump<THandler>> _logger;
    private readonly JobPumpOptions _options;
    private readonly JobLanes _lanes;
    private readonly HeldLeases _leases;
    private readonly JobSettler _settler;
    private readonly JobPlaces _places;
    private readonly JobPlaces _slowPlaces;
    private readonly SemaphoreSlim _slowMayWork = new(0, 1);
    private readonly SemaphoreSlim _mayClaim = new(1);
    private readonly CancellationTokenSource _graceOver = new();
    private bool _claimsFail;

    public JobPump(
        THandler handler,
        JobQueue queue,
        JobWakeup wakeup,
        SchemaMigration schema,
        Redactor redactor,
        IOptionsMonitor<JobPumpOptions> options,
        TimeProvider time,
        ILogger<JobPump<THandler>> logger)
    {
        _handler = handler;
        _queue = queue;
        _wakeup = wakeup;
        _schema = schema;
        _redactor = redactor;
        _time = time;
        _logger = logger;
        _options = options.Get(Kind.ToString());
        _lanes = new(_options, handler);
        _leases = new(Kind, _options.Lease, queue, wakeup, time, logger);
        _settler = new(Kind, queue, Failed, time, logger);
        _places = new(_options.Concurrency);
        _slowPlaces = _options.SlowConcurrency == 0 ? _places : new(_options.SlowConcurrency);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _schema.WaitAsync(stoppingToken);
        await _wakeup.ListenAsync(Kind);

        using var stopLeases = new CancellationTokenSource();
        var keeping = _leases.KeepAsync(stopLeases.Token);
        var settling = _settler.RunAsync();
        await Task.WhenAll(WorkAsync(stoppingToken), WorkSlowlyAsync(stoppingToken));

        // In this order: what runs at the places of slow lanes does not come back to the others.
        using (_time.CreateTimer(_ => _graceOver.Cancel(), null, _options.Grace, Timeout.InfiniteTimeSpan))
        {
            await _places.EmptyAsync();
            await _slowPlaces.EmptyAsync();
        }

        _settler.Complete();
        await settling;
        await stopLeases.CancelAsync();
        await keeping;
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var started = await StartAsync(_places, int.MaxValue, slow: false, _lanes.QuickInUse, _lanes.PerLane, stoppingToken);
                WakeSlow();
                if (started == 0)
                {
                    await _wakeup.WaitAsync(Kind, _options.Poll, _time, stoppingToken);
                }
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task WorkSlowlyAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var started = await StartAsync(_slowPlaces, RetriesAtOnce, slow: true, _lanes.InUse, _lanes.PerLane, stoppingToken);
                if (_lanes.HasSlow)
                {
                    started += await StartAsync(_slowPlaces, int.MaxValue, slow: false, _lanes.SlowInUse, perLane: 0, stoppingToken);
                }

                await Task.Delay(started == 0 ? SlowPause : SlowStep, _time, stoppingToken);
                if (started == 0)
                {
                    await _slowMayWork.WaitAsync(stoppingToken);
                }
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    // Whatever makes the others look for work may have brought some for slow lanes.
    private void WakeSlow()
    {
        if (_slowMayWork.CurrentCount == 0)
        {
            _slowMayWork.Release();
        }
    }

    /// <returns>How many jobs were started.</returns>
    private async Task<int> StartAsync(
        JobPlaces places, int most, bool slow, Func<IReadOnlyList<LaneUse>> lanes, int perLane, CancellationToken stoppingToken)
    {
        var free = await places.TakeFreeAsync(stoppingToken);
        IReadOnlyList<LeasedJob> jobs = [];
        try
        {
            jobs = await ClaimAsync(Math.Min(free, most), slow, lanes, perLane, stoppingToken);
            NoteClaim(null);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            NoteClaim(exception);
        }
        finally
        {
            // Given back when the claim was cancelled, too: a stop waits for all places.
            places.Release(free - jobs.Count);
        }

        var slowAfter = places == _slowPlaces ? _options.SlowAfter : SlowAfter(free - jobs.Count);
        foreach (var job in jobs)
        {
            _ = RunAsync(job, new JobPlace(places), slowAfter);
        }

        return jobs.Count;
    }

    // One after the other, so that two claims do not both find a lane's last place free.
    private async Task<IReadOnlyList<LeasedJob>> ClaimAsync(
        int max, bool slow, Func<IReadOnlyList<LaneUse>> lanes, int perLane, CancellationToken stoppingToken)
    {
        await _mayClaim.WaitAsync(stoppingToken);
        try
        {
            var jobs = await _queue.ClaimAsync(Kind, slow, max, _options.Lease, lanes(), perLane, stoppingToken);
            foreach (var job in jobs)
            {
                _lanes.Enter(job.Lane);
            }

            return jobs;
        }
        finally
        {
            _mayClaim.Release();
        }
    }

    // An outage is told at its start and at its end, not at each poll in between.
    private void NoteClaim(Exception? failure)
    {
        if (failure is not null && !_claimsFail)
        {
            JobPumpLog.ClaimFailed(_logger, Kind, failure);
        }
        else if (failure is null && _claimsFail)
        {
            JobPumpLog.ClaimsAgain(_logger, Kind);
        }

        _claimsFail = failure is not null;
    }

    public override void Dispose()
    {
        _graceOver.Dispose();
        _slowMayWork.Dispose();
        _mayClaim.Dispose();
        base.Dispose();
    }
}
