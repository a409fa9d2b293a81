using System.Collections.Concurrent;
using Aspire.Webhooks.ServiceDefaults.Logging;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Aspire.Webhooks.Queue;

/// <summary>
/// The leases that one pump holds. Each is renewed when a third of it has passed. The work is cancelled when the lease is lost,
/// and also when it could not be renewed in time: another process may have the job then.
/// </summary>
internal sealed class JobLeases(JobKind kind, TimeSpan lease, NpgsqlDataSource database, TimeProvider time, ILogger logger)
{
    // Rows that another transaction has locked are skipped: one transaction that hangs must not let all leases expire. They are
    // tried again soon; meanwhile their tokens tell that the leases are not lost. The hold of a trial's lane is renewed with the
    // trial's lease, so that no second trial begins beside it.
    internal const string RenewSql = """
        with mine as (
            select * from unnest($1, $2) as mine (id, token)),
        free as (
            select job.id from mine join webhooks.jobs job on job.id = mine.id and job.lease_token = mine.token
            for update of job skip locked),
        renewed as (
            update webhooks.jobs job set lease_until = now() + $3
            from free where job.id = free.id returning job.id, job.lease_token, job.kind, job.lane),
        held as (
            select lane.kind, lane.lane
            from renewed join webhooks.lanes lane on lane.kind = renewed.kind and lane.lane = renewed.lane
            where renewed.id = any ($4) and lane.held_until < now() + 2 * $3
            for update of lane skip locked),
        extended as (
            update webhooks.lanes lane set held_until = now() + 2 * $3
            from held where lane.kind = held.kind and lane.lane = held.lane)
        select id, lease_token, true from renewed
        union all
        select job.id, job.lease_token, false
        from mine join webhooks.jobs job on job.id = mine.id and job.lease_token = mine.token
        """;

    // One statement renews no more: a settlement waits while its rows are locked. Joining the renewed rows to all others in SQL
    // took a nested loop, 4 s for 3,000 leases; settlements timed out meanwhile, and a backlog stood still.
    private const int MaxBatch = 500;

    // Work is cancelled when nine tenths of the lease have passed. It can end in the last tenth.
    private readonly TimeSpan _safe = lease * 0.9;
    private readonly ConcurrentDictionary<(long, Guid), Held> _held = new();
    private readonly Outage _outage = new(time);

    /// <summary>Renews leases, and with a trial's lease the hold of its lane.</summary>
    /// <returns>
    /// The leases that were renewed, and those that are still held but whose rows another transaction has locked.
    /// </returns>
    public static async Task<(IReadOnlySet<(long, Guid)> Renewed, IReadOnlySet<(long, Guid)> Locked)> RenewAsync(
        NpgsqlDataSource database, IReadOnlyCollection<LeasedJob> jobs, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(RenewSql);
        command.Parameters.Add(new() { Value = jobs.Select(job => job.Id).ToArray() });
        command.Parameters.Add(new() { Value = jobs.Select(job => job.LeaseToken).ToArray() });
        command.Parameters.Add(new() { Value = lease });
        command.Parameters.Add(new() { Value = jobs.Where(job => job.IsTrial).Select(job => job.Id).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (renewed, locked) = (new HashSet<(long, Guid)>(), new HashSet<(long, Guid)>());
        while (await reader.ReadAsync(cancellationToken))
        {
            (reader.GetBoolean(2) ? renewed : locked).Add((reader.GetInt64(0), reader.GetGuid(1)));
        }

        locked.ExceptWith(renewed);
        return (renewed, locked);
    }

    /// <summary>Starts renewing the lease of a job.</summary>
    public void Add(LeasedJob job) => _held[(job.Id, job.LeaseToken)] = new(job);

    /// <summary>Stops renewing the lease of a job, which is settled, returned, or lost.</summary>
    public void Remove(LeasedJob job)
    {
        if (_held.TryRemove((job.Id, job.LeaseToken), out var held))
        {
            held.Dispose();
        }
    }

    /// <summary>Gets the token that is cancelled when the lease may have expired, and by <see cref="CancelAll"/>.</summary>
    /// <returns>False when the lease may have expired already: the work must not begin.</returns>
    public bool TryBegin(LeasedJob job, out CancellationToken cancellationToken)
    {
        var isHeld = _held.TryGetValue((job.Id, job.LeaseToken), out var held) && !IsOver(held);
        cancellationToken = isHeld ? held!.Cancellation : new(canceled: true);
        return isHeld;
    }

    /// <summary>Cancels all work.</summary>
    public void CancelAll()
    {
        foreach (var held in _held.Values)
        {
            held.Cancel();
        }
    }

    /// <summary>Renews the leases until cancelled.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        // The loop does not wait for a renewal: it may hang, and work whose lease expires meanwhile must be cancelled in time.
        // A lease that was not renewed, because its row was locked or the database was away, is due again at the next tick.
        var (tick, renewal) = (lease / 20, Task.CompletedTask);
        using var timer = new PeriodicTimer(tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                foreach (var held in _held.Values.Where(IsOver))
                {
                    held.Cancel();
                }

                if (renewal.IsCompleted)
                {
                    Held[] due = [.. _held.Values.Where(one => time.GetElapsedTime(one.RenewedAt) >= lease / 3 - tick)];
                    renewal = due.Length == 0 ? Task.CompletedTask : RenewAsync(due, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            await renewal;
        }
    }

    private bool IsOver(Held held) => time.GetElapsedTime(held.RenewedAt) >= _safe;

    private async Task RenewAsync(Held[] due, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(lease / 3, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            foreach (var batch in due.Chunk(MaxBatch))
            {
                var at = time.GetTimestamp();
                var (renewed, locked) = await RenewAsync(database, [.. batch.Select(one => one.Job)], lease, either.Token);
                foreach (var one in batch)
                {
                    if (renewed.Contains((one.Job.Id, one.Job.LeaseToken)))
                    {
                        one.RenewedAt = at;
                    }
                    else if (!locked.Contains((one.Job.Id, one.Job.LeaseToken)))
                    {
                        one.Cancel();
                    }
                }
            }

            if (_outage.Ends() is not null)
            {
                JobLog.LeasesKept(logger, kind);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (_outage.Begins())
            {
                JobLog.LeasesNotKept(logger, kind, exception);
            }
        }
        catch (Exception)
        {
            // Stopped.
        }
    }

    /// <summary>A lease, and the cancellation of its work.</summary>
    private sealed class Held(LeasedJob job) : IDisposable
    {
        private readonly CancellationTokenSource _work = new();

        public LeasedJob Job => job;

        /// <summary>When the claim or the latest renewal was sent.</summary>
        public long RenewedAt { get; set; } = job.ClaimedAt;

        public CancellationToken Cancellation => _work.Token;

        public void Cancel()
        {
            try
            {
                _ = _work.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // The work has just ended.
            }
        }

        public void Dispose() => _work.Dispose();
    }
}
