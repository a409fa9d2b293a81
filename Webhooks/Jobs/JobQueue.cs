using Npgsql;

namespace Aspire.Webhooks.Jobs;

/// <summary>
/// The queue in Postgres: claim, renew, settle, rescue, each in one statement. Time is the database's, so that
/// processes with different clocks agree about leases.
/// </summary>
public sealed partial class JobQueue(NpgsqlDataSource database)
{
    // Locked in the order of ids, as settling does, so that the two never wait for each other.
    private const string RenewSql = """
        with held as (
            select job.id from webhooks.jobs job
            join unnest($1, $2) as mine (id, token) on job.id = mine.id and job.lease_token = mine.token
            order by job.id for update of job)
        update webhooks.jobs job set lease_until = now() + $3
        from held where job.id = held.id
        returning job.lease_token
        """;

    private const string FindHeldSql = """
        select id, attempt, lane from webhooks.jobs where ref_id = $1 and kind = $2 and lease_token = $3 and lease_until > now()
        """;

    private const string RescueSql = """
        with expired as (
            select id from webhooks.jobs
            where kind = $1 and state = 'running' and lease_until < now()
            order by lease_until limit 1000
            for update skip locked)
        update webhooks.jobs job
        set state = 'pending', due_at = now(), last_error = 'The lease ran out.', lease_token = null, lease_until = null
        from expired where job.id = expired.id
        """;

    // Locked whatever its state: a run that is about to wait cannot do so unseen by whoever decides now.
    private const string WakeSql = """
        with latest as (
            select id, state from webhooks.jobs where ref_id = $1 order by id desc limit 1 for update)
        update webhooks.jobs job set state = 'pending', due_at = now()
        from latest where job.id = latest.id and latest.state = 'waiting'
        """;

    private const string EnqueueSql = "insert into webhooks.jobs (kind, ref_id, lane) values ($1, $2, $3)";

    private const string DueAgeSql = """
        select coalesce(max(now() - oldest.due_at), interval '0')
        from (values (false), (true)) either (slow), lateral (
            select due_at from webhooks.jobs
            where kind = $1 and slow = either.slow and state in ('pending', 'waiting') and due_at <= now()
            order by due_at limit 1) oldest
        """;

    /// <summary>Extends leases.</summary>
    /// <returns>Their tokens. What is not among them is no longer held, and its work must stop.</returns>
    public async Task<IReadOnlySet<Guid>> RenewAsync(
        IReadOnlyCollection<LeasedJob> jobs, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(RenewSql);
        command.Parameters.Add(new() { Value = jobs.Select(job => job.Id).ToArray() });
        command.Parameters.Add(new() { Value = jobs.Select(job => job.LeaseToken).ToArray() });
        command.Parameters.Add(new() { Value = lease });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var held = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            held.Add(reader.GetGuid(0));
        }

        return held;
    }

    /// <summary>For a holder outside, who shows the token: the job to renew or settle.</summary>
    /// <returns>Null when the lease is not theirs or has run out.</returns>
    public async Task<LeasedJob?> FindHeldAsync(JobKind kind, Guid refId, Guid token, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(FindHeldSql);
        command.Parameters.Add(new() { Value = refId });
        command.Parameters.Add(new() { Value = kind.Name() });
        command.Parameters.Add(new() { Value = token });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(reader.GetInt64(0), refId, reader.GetInt32(1), token, reader.GetString(2))
            : null;
    }

    /// <summary>Puts jobs whose holder has vanished back in the queue.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> RescueAsync(JobKind kind, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(RescueSql);
        command.Parameters.Add(new() { Value = kind.Name() });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Makes a job that waits for a decision due, in the transaction that stores the decision. Locks the job's row in any case:
    /// call it before locking what was decided on, which is the order of everybody else. After the commit,
    /// <see cref="JobWakeup.Notify"/> saves the time of a poll.
    /// </summary>
    /// <returns>False when it does not wait (any more).</returns>
    public static async Task<bool> WakeAsync(Guid refId, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(WakeSql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = refId });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Puts a job in the queue, in the caller's transaction.</summary>
    /// <param name="lane">The source or endpoint that it belongs to.</param>
    public static async Task EnqueueAsync(
        JobKind kind, Guid refId, string lane, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(EnqueueSql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = kind.Name() });
        command.Parameters.Add(new() { Value = refId });
        command.Parameters.Add(new() { Value = lane });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>How long the oldest due job has been due; zero when none is.</summary>
    public async Task<TimeSpan> DueAgeAsync(JobKind kind, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(DueAgeSql);
        command.Parameters.Add(new() { Value = kind.Name() });
        return (TimeSpan)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
