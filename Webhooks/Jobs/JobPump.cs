using System.Collections.Concurrent;
using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

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
    private sealed record Running(LeasedJob Job, CancellationTokenSource Cancel)
    {
        public void Abandon()
        {
            try
            {
                Cancel.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended in this very moment.
            }
        }
    }

    private static readonly JobKind Kind = THandler.Kind;

    private readonly JobPumpOptions _options = options.Get(Kind.ToString());
    private readonly ConcurrentDictionary<long, Running> _running = new();
    private readonly CancellationTokenSource _graceOver = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        await wakeup.ListenAsync(Kind);

        using var free = new SemaphoreSlim(_options.Concurrency);
        using var stopLeases = new CancellationTokenSource();
        var leases = KeepLeasesAsync(stopLeases.Token);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await ClaimAndStartAsync(free, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: what runs is waited for below.
        }

        await FinishAsync(free);
        await stopLeases.CancelAsync();
        await leases;
    }

    private async Task ClaimAndStartAsync(SemaphoreSlim free, CancellationToken stoppingToken)
    {
        await free.WaitAsync(stoppingToken);
        var slots = 1;
        while (slots < _options.Concurrency && free.Wait(0, CancellationToken.None))
        {
            slots++;
        }

        // Not cancelled: a claim that is cut off in the middle may have leased jobs that nobody then knows of.
        IReadOnlyList<LeasedJob> jobs = [];
        try
        {
            jobs = await queue.ClaimAsync(Kind, slots, _options.Lease, CancellationToken.None);
        }
        catch (Exception exception)
        {
            JobPumpLog.ClaimFailed(logger, Kind, exception);
        }

        // Releasing none is an error.
        if (jobs.Count < slots)
        {
            free.Release(slots - jobs.Count);
        }

        foreach (var job in jobs)
        {
            _ = RunAsync(job, free);
        }

        if (jobs.Count == 0)
        {
            await wakeup.WaitAsync(Kind, _options.Poll, time, stoppingToken);
        }
    }

    private async Task RunAsync(LeasedJob job, SemaphoreSlim free)
    {
        await Task.Yield();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(_graceOver.Token);
        _running[job.Id] = new(job, cancel);
        try
        {
            var outcome = await OutcomeAsync(job, cancel.Token);

            // Settling is not cancelled with the work: the outcome of finished work is worth keeping.
            if (!await queue.SettleAsync(job, outcome, CancellationToken.None))
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
            _running.TryRemove(job.Id, out _);
            free.Release();
        }
    }

    private async Task<JobOutcome> OutcomeAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        // A job that takes its process down never reaches the catch below; its claims are counted all the same.
        if (job.Attempt > handler.Schedule.MaxAttempts)
        {
            return JobOutcome.Bury($"Given up after {job.Attempt - 1} attempts, the last of which never ended.");
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
            JobPumpLog.Failed(logger, Kind, job.Id, job.Attempt, exception);
            return handler.Schedule.AfterFailure(job.Attempt, redactor.Redact($"{exception.GetType().Name}: {exception.Message}"));
        }
    }

    private async Task KeepLeasesAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_options.Lease / 3, time);
        try
        {
            do
            {
                await RenewAndRescueAsync(cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task RenewAndRescueAsync(CancellationToken cancellationToken)
    {
        try
        {
            var running = _running.Values.ToArray();
            if (running.Length > 0)
            {
                var held = await queue.RenewAsync([.. running.Select(r => r.Job)], _options.Lease, cancellationToken);
                foreach (var lost in running.Where(r => !held.Contains(r.Job.Id) && _running.ContainsKey(r.Job.Id)))
                {
                    lost.Abandon();
                }
            }

            if (await queue.RescueAsync(Kind, cancellationToken) is > 0 and var rescued)
            {
                JobPumpLog.Rescued(logger, Kind, rescued);
                wakeup.Notify(Kind);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            JobPumpLog.LeasesNotKept(logger, Kind, exception);
        }
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
