using Npgsql;

namespace Aspire.Webhooks.Queue;

/// <summary>
/// The queue for callers that run no pump. It makes waiting jobs due, and claims, renews and settles single jobs for agents
/// outside. Times are those of the database's clock, so that processes with different clocks agree about leases.
/// </summary>
public sealed class JobQueue(NpgsqlDataSource database, JobWakeup wakeup)
{
    private const string FindHeldSql = """
        select id, attempt, lane, failures from webhooks.jobs
        where ref_id = $1 and kind = $2 and lease_token = $3 and lease_until > now()
        """;

    private const string ClaimSql = $"""
        with due as (
            select id from webhooks.jobs
            where kind = $1 and ref_id = $2 and {JobSql.Claimable}
            order by id desc limit 1
            for update skip locked)
        update webhooks.jobs job
        set state = 'running', attempt = attempt + 1, lease_token = $3, lease_until = now() + $4,
            last_error = case when job.lease_token is null then last_error else {JobSql.LeaseExpired} end
        from due where job.id = due.id
        returning job.id, job.attempt, job.lane, job.failures
        """;

    // The row is locked whatever its state. So a run that is about to wait is seen, or it waits after the decision and sees it.
    private const string MakeDueSql = """
        with latest as (
            select id, state from webhooks.jobs where ref_id = $1 order by id desc limit 1 for update)
        update webhooks.jobs job set state = 'pending', due_at = now()
        from latest where job.id = latest.id and latest.state = 'waiting'
        """;

    /// <summary>
    /// Makes a job that waits for a decision due, in the transaction that stores the decision. It locks the job's row in any
    /// case. Call it before locking anything else, as all code locks jobs first. After the commit, <see cref="JobWakeup.Notify"/>
    /// saves the time until the next poll.
    /// </summary>
    /// <returns>False when the job does not wait, or no longer.</returns>
    public static async Task<bool> MakeDueAsync(Guid refId, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(MakeDueSql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = refId });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Claims the job of one task, for an agent outside. A job whose lease has expired can be claimed, too.</summary>
    /// <param name="kind">The kind of job.</param>
    /// <param name="refId">The task.</param>
    /// <param name="lease">How long the agent may hold it.</param>
    /// <param name="cancellationToken">Cancels the claim.</param>
    /// <returns>The job; null when it cannot be claimed now.</returns>
    public async Task<LeasedJob?> ClaimAsync(JobKind kind, Guid refId, TimeSpan lease, CancellationToken cancellationToken)
    {
        var token = LeasedJob.NewToken();
        await using var command = database.CreateCommand(ClaimSql);
        command.Parameters.Add(new() { Value = kind.Name() });
        command.Parameters.Add(new() { Value = refId });
        command.Parameters.Add(new() { Value = token });
        command.Parameters.Add(new() { Value = lease });
        return await ReadAsync(command, refId, token, cancellationToken);
    }

    /// <summary>Finds the job that an agent outside holds, by its token.</summary>
    /// <returns>The job, to renew or settle; null when the lease has expired or the token is not that of the lease.</returns>
    public async Task<LeasedJob?> FindHeldAsync(JobKind kind, Guid refId, Guid token, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(FindHeldSql);
        command.Parameters.Add(new() { Value = refId });
        command.Parameters.Add(new() { Value = kind.Name() });
        command.Parameters.Add(new() { Value = token });
        return await ReadAsync(command, refId, token, cancellationToken);
    }

    /// <summary>Extends a lease.</summary>
    /// <returns>False when the lease is lost, or when another transaction has locked the row.</returns>
    public async Task<bool> RenewAsync(LeasedJob job, TimeSpan lease, CancellationToken cancellationToken) =>
        (await JobLeases.RenewAsync(database, [job], lease, cancellationToken)).Renewed.Count == 1;

    /// <summary>
    /// Ends the lease with an outcome and hands over to the next stage, in one transaction; then wakes the next stage.
    /// </summary>
    /// <returns>False when the caller no longer holds the lease; nothing was changed then.</returns>
    public async Task<bool> SettleAsync(JobKind kind, LeasedJob job, JobOutcome outcome, CancellationToken cancellationToken)
    {
        var held = await JobSettlement.CommitAsync(
            database, kind, [new(job, outcome)], Timeout.InfiniteTimeSpan, cancellationToken);
        if (held.Count == 1)
        {
            JobMetrics.Settled(kind, outcome);
            outcome.Committed?.Invoke();
            if (outcome.Wakes is { } next)
            {
                wakeup.Notify(next.Kind, next.Lanes);
            }
        }

        return held.Count == 1;
    }

    /// <summary>
    /// Returns how long the oldest due job has been due, of all lanes that are not held; zero when none is due.
    /// </summary>
    public async Task<TimeSpan> DueAgeAsync(JobKind kind, CancellationToken cancellationToken)
    {
        var (oldest, next) = (TimeSpan.Zero, (string?)null);
        do
        {
            var found = await JobLanes.FindDueAsync(database, kind, next, JobLanes.ManyLanes, cancellationToken);
            (oldest, next) = (found.DueFor > oldest ? found.DueFor : oldest, found.Next);
        }
        while (next is not null);

        return oldest;
    }

    private static async Task<LeasedJob?> ReadAsync(
        NpgsqlCommand command, Guid refId, Guid token, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(reader.GetInt64(0), refId, reader.GetInt32(1), token, reader.GetString(2)) { Failures = reader.GetInt32(3) }
            : null;
    }
}
