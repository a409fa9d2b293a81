using Npgsql;

namespace Aspire.Webhooks.Queue;

/// <summary>
/// The queue for whoever is no pump: puts jobs in it, makes waiting ones due, and claims, renews and settles one at a time for
/// holders outside. Time is the database's, so that processes with different clocks agree about leases.
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

    // Locked whatever its state: a run that is about to wait cannot do so unseen by whoever decides now.
    private const string MakeDueSql = """
        with latest as (
            select id, state from webhooks.jobs where ref_id = $1 order by id desc limit 1 for update)
        update webhooks.jobs job set state = 'pending', due_at = now()
        from latest where job.id = latest.id and latest.state = 'waiting'
        """;

    private const string EnqueueSql = "insert into webhooks.jobs (kind, ref_id, lane) values ($1, $2, $3)";

    /// <summary>Puts a job in the queue: a command for the caller's transaction.</summary>
    /// <param name="lane">The source or endpoint that it belongs to.</param>
    public static NpgsqlBatchCommand Enqueue(JobKind kind, Guid refId, string lane) => new(EnqueueSql)
    {
        Parameters = { new() { Value = kind.Name() }, new() { Value = refId }, new() { Value = lane } },
    };

    /// <summary>
    /// Makes a job that waits for a decision due, in the transaction that stores the decision. Locks the job's row in any case:
    /// call it before locking what was decided on, which is the order of everybody else. After the commit,
    /// <see cref="JobWakeup.Notify"/> saves the time of a poll.
    /// </summary>
    /// <returns>False when it does not wait (any more).</returns>
    public static async Task<bool> MakeDueAsync(Guid refId, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(MakeDueSql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = refId });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>For an agent outside: takes the job of a task. A job whose lease has expired can be taken, too.</summary>
    /// <param name="lease">For how long.</param>
    /// <returns>Null when it cannot be taken now.</returns>
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

    /// <summary>For a holder outside, who shows the token: the job to renew or settle.</summary>
    /// <returns>Null when the lease is not theirs or has expired.</returns>
    public async Task<LeasedJob?> FindHeldAsync(JobKind kind, Guid refId, Guid token, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(FindHeldSql);
        command.Parameters.Add(new() { Value = refId });
        command.Parameters.Add(new() { Value = kind.Name() });
        command.Parameters.Add(new() { Value = token });
        return await ReadAsync(command, refId, token, cancellationToken);
    }

    /// <summary>Extends a lease.</summary>
    /// <returns>False when it is lost, or its row is locked by somebody at this moment.</returns>
    public async Task<bool> RenewAsync(LeasedJob job, TimeSpan lease, CancellationToken cancellationToken) =>
        (await JobLeases.RenewAsync(database, [job], lease, cancellationToken)).Renewed.Count == 1;

    /// <summary>Ends the lease with an outcome and hands over to the next stage, all in one transaction.</summary>
    /// <returns>False when the lease is no longer ours: then nothing was changed.</returns>
    public async Task<bool> SettleAsync(JobKind kind, LeasedJob job, JobOutcome outcome, CancellationToken cancellationToken)
    {
        var held = await JobSettlement.CommitAsync(database, kind, [new(job, outcome)], Timeout.InfiniteTimeSpan, cancellationToken);
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

    /// <summary>How long the job that has waited longest has been due, of lanes that are not held; zero when none is.</summary>
    public async Task<TimeSpan> DueAgeAsync(JobKind kind, CancellationToken cancellationToken)
    {
        var (oldest, next) = (TimeSpan.Zero, (string?)null);
        do
        {
            var found = await JobLanes.FindDueAsync(database, kind, next, cancellationToken);
            (oldest, next) = (found.DueFor > oldest ? found.DueFor : oldest, found.Next);
        }
        while (next is not null);

        return oldest;
    }

    private static async Task<LeasedJob?> ReadAsync(NpgsqlCommand command, Guid refId, Guid token, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(reader.GetInt64(0), refId, reader.GetInt32(1), token, reader.GetString(2)) { Failures = reader.GetInt32(3) }
            : null;
    }
}
