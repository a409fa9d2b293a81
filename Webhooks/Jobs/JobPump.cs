using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Polly;
using Polly.Retry;

namespace Aspire.Webhooks.Jobs;

/// <summary>Claims jobs of one kind, runs them side by side, keeps their leases, settles them.</summary>
public sealed class JobPump<THandler>(
    THandler handler,
    JobQueue queue,
    JobWakeup wakeup,
    SchemaMigration schema,
    Redactor redactor,
    IOptionsMonitor<JobPumpOptions> options,
    TimeProvider time,
    ILogger<JobPump<THandler>> logger) : BackgroundService
    where THandler : class, IJobHandler
{
    private static readonly JobKind Kind = THandler.Kind;

    // Work that is done but not settled is done again: a passing fault of the database must not cost a second POST. A
    // settlement that arrived although its answer was lost changes nothing the second time, its token is spent.
    private readonly ResiliencePipeline _settling = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 4,
            Delay = TimeSpan.FromMilliseconds(100),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = new PredicateBuilder().Handle<NpgsqlException>(exception => exception.IsTransient),
        })
        .Build();

    private readonly JobPumpOptions _options = options.Get(Kind.ToString());
    private readonly CancellationTokenSource _graceOver = new();
    private bool _claimsFail;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        await wakeup.ListenAsync(Kind);

        using var free = new SemaphoreSlim(_options.Concurrency);
        using var stopLeases = new CancellationTokenSource();
        var leases = new HeldLeases(Kind, _options.Lease, queue, wakeup, time, logger);
        var keeping = leases.KeepAsync(stopLeases.Token);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await ClaimAndStartAsync(free, leases, stoppingToken);
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: what runs is waited for below.
        }

        await FinishAsync(free);
        await stopLeases.CancelAsync();
        await keeping;
    }

    private async Task ClaimAndStartAsync(SemaphoreSlim free, HeldLeases leases, CancellationToken stoppingToken)
    {
        await free.WaitAsync(stoppingToken);
        var slots = 1;
        while (slots < _options.Concurrency && free.Wait(0, CancellationToken.None))
        {
            slots++;
        }

        IReadOnlyList<LeasedJob> jobs = [];
        try
        {
            jobs = await queue.ClaimAsync(Kind, slots, _options.Lease, stoppingToken);
            NoteClaim(null);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            NoteClaim(exception);
        }
        finally
        {
            // Given back when the claim was cancelled, too: a stop waits for all places. Releasing none is an error.
            if (jobs.Count < slots)
            {
                free.Release(slots - jobs.Count);
            }
        }

        foreach (var job in jobs)
        {
            _ = RunAsync(job, free, leases);
        }

        if (jobs.Count == 0)
        {
            await wakeup.WaitAsync(Kind, _options.Poll, time, stoppingToken);
        }
    }

    // An outage is told at its start and at its end, not at each poll in between.
    private void NoteClaim(Exception? failure)
    {
        if (failure is not null && !_claimsFail)
        {
            JobPumpLog.ClaimFailed(logger, Kind, failure);
        }
        else if (failure is null && _claimsFail)
        {
            JobPumpLog.ClaimsAgain(logger, Kind);
        }

        _claimsFail = failure is not null;
    }

    private async Task RunAsync(LeasedJob job, SemaphoreSlim free, HeldLeases leases)
    {
        await Task.Yield();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(_graceOver.Token);
        leases.Add(job, cancel);
        try
        {
            var outcome = await OutcomeAsync(job, cancel.Token);
            if (!await SettleAsync(job, outcome))
            {
                JobPumpLog.LeaseLost(logger, Kind, job.Id);
            }
            else if (outcome.Wakes is { } next)
            {
                wakeup.Notify(next);
            }
        }
        catch (Exception exception)
        {
            // The lease runs out and the job is done again; nothing of this run was committed.
            JobPumpLog.SettleFailed(logger, Kind, job.Id, exception);
        }
        finally
        {
            leases.Remove(job);
            free.Release();
        }
    }

    private async Task<JobOutcome> OutcomeAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        // A job that takes its process down never reaches the catch below; its claims are counted all the same.
        if (job.Attempt > handler.Schedule.MaxStarts)
        {
            return JobOutcome.Bury($"Given up after {job.Attempt - 1} starts, the last of which never ended.");
        }

        try
        {
            return await handler.RunAsync(job, cancellationToken);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested)
        {
            JobPumpLog.HandedBack(logger, Kind, job.Id, exception);
            return JobOutcome.HandBack();
        }
        catch (Exception exception)
        {
            return Failed(job, exception);
        }
    }

    // Not cancelled with the work: the outcome of finished work is worth keeping.
    private async Task<bool> SettleAsync(LeasedJob job, JobOutcome outcome)
    {
        try
        {
            return await _settling.ExecuteAsync(async token => await queue.SettleAsync(job, outcome, token), CancellationToken.None);
        }
        catch (Exception exception) when (outcome.Handover is not null && exception is not NpgsqlException { IsTransient: true })
        {
            // What the job hands over is refused and would be again: a failed attempt like any other, on record.
            var failed = Failed(job, exception);
            return await _settling.ExecuteAsync(async token => await queue.SettleAsync(job, failed, token), CancellationToken.None);
        }
    }

    private JobOutcome Failed(LeasedJob job, Exception exception)
    {
        JobPumpLog.Failed(logger, Kind, job.Id, job.Attempt, exception);
        return handler.Schedule.AfterFailure(job.Attempt, redactor.Redact($"{exception.GetType().Name}: {exception.Message}"));
    }

    private async Task FinishAsync(SemaphoreSlim free)
    {
        using var graceTimer = time.CreateTimer(_ => _graceOver.Cancel(), null, _options.Grace, Timeout.InfiniteTimeSpan);
        for (var slot = 0; slot < _options.Concurrency; slot++)
        {
            await free.WaitAsync();
        }
    }

    public override void Dispose()
    {
        _graceOver.Dispose();
        base.Dispose();
    }
}
