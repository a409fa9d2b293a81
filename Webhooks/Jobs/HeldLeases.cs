using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Jobs;

/// <summary>
/// The leases that one pump holds: renewed at each third of their time, their work cancelled when they are lost. Looks
/// for the expired leases of vanished holders, too, and how long jobs have been due.
/// </summary>
internal sealed class HeldLeases(JobKind kind, TimeSpan lease, JobQueue queue, JobWakeup wakeup, TimeProvider time, ILogger logger)
{
    // By token: a job whose claim the database has forgotten can be claimed again while it still runs here.
    private readonly ConcurrentDictionary<Guid, (LeasedJob Job, CancellationTokenSource Work)> _held = new();

    public void Add(LeasedJob job, CancellationTokenSource work) => _held[job.LeaseToken] = (job, work);

    public void Remove(LeasedJob job) => _held.TryRemove(job.LeaseToken, out _);

    /// <summary>Keeps the leases until cancelled.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(lease / 3, time);
        try
        {
            do
            {
                await RenewAndRescueAsync(cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task RenewAndRescueAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Renewed before looking for expired ones: after an outage ours are still ours unless somebody took them.
            var held = _held.Values.ToArray();
            if (held.Length > 0)
            {
                var renewed = await queue.RenewAsync([.. held.Select(h => h.Job)], lease, cancellationToken);
                foreach (var (job, work) in held.Where(h => !renewed.Contains(h.Job.LeaseToken) && _held.ContainsKey(h.Job.LeaseToken)))
                {
                    Abandon(work);
                }
            }

            if (await queue.RescueAsync(kind, cancellationToken) is > 0 and var rescued)
            {
                JobPumpLog.Rescued(logger, kind, rescued);
                wakeup.Notify(kind);
            }

            if (JobMetrics.WantsDueAge)
            {
                JobMetrics.DueFor(kind, await queue.DueAgeAsync(kind, cancellationToken));
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            JobPumpLog.LeasesNotKept(logger, kind, exception);
        }
    }

    private static void Abandon(CancellationTokenSource work)
    {
        try
        {
            work.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended in this very moment.
        }
    }
}
