using Aspire.Webhooks.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Jobs;

/// <summary>
/// The queue in Postgres: claim, renew, settle, rescue, each in one statement. Time is the database's, so that
/// processes with different clocks agree about leases.
/// </summary>
public sealed class JobQueue(NpgsqlDataSource database)
{
    // SKIP LOCKED lets claimers pass each other; the token is what settle and renew must show.
    private const string ClaimSql = """
        with due as (
            select id from webhooks.jobs
            where kind = $1 and state in ('pending', 'waiting') and due_at <= now()
            order by due_at limit $2
            for update skip locked)
        update webhooks.jobs job
        set state = 'running', attempt = attempt + 1, lease_token = gen_random_uuid(), lease_until = now() + $3
        from due where job.id = due.id
        returning job.id, job.ref_id, job.attempt, job.lease_token, job.lane
        """;

    private const string RenewSql = """
        update webhooks.jobs job set lease_until = now() + $3
        from unnest($1, $2) as held (id, token)
        where job.id = held.id and job.lease_token = held.token
        returning job.id
        """;

    private const string SettleSql = """
        update webhooks.jobs
        set state = $3, due_at = now() + $4, last_error = coalesce($5, last_error), attempt = attempt - $6,
            lease_token = null, lease_until = null, finished_at = case when $3 in ('pending', 'waiting') then null else now() end
        where id = $1 and lease_token = $2
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

    // Nobody rescues external jobs: an expired lease is as good as none.
    private const string ClaimOneSql = """
        with due as (
            select id from webhooks.jobs
            where kind = $1 and ($2::uuid is null or ref_id = $2)
                and (state in ('pending', 'waiting') and due_at <= now() or state = 'running' and lease_until < now())
            order by due_at limit 1
            for update skip locked)
        update webhooks.jobs job
        set state = 'running', attempt = attempt + 1, lease_token = gen_random_uuid(), lease_until = now() + $3
        from due where job.id = due.id
        returning job.id, job.ref_id, job.attempt, job.lease_token, job.lane
        """;

    private const string FindHeldSql = """
        select id, ref_id, attempt, lease_token, lane from webhooks.jobs
        where ref_id = $1 and kind = $2 and lease_token = $3 and lease_until >= now()
        """;

    private const string WakeSql = "update webhooks.jobs set state = 'pending', due_at = now() where ref_id = $1 and state = 'waiting'";

    private const int MaxErrorLength = 4096;

    private const string EnqueueSql = "insert into webhooks.jobs (kind, ref_id, lane) values ($1, $2, $3)";

    /// <summary>Takes up to <paramref name="max"/> due jobs, oldest first, for the time of a lease.</summary>
    public async Task<IReadOnlyList<LeasedJob>> ClaimAsync(JobKind kind, int max, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(ClaimSql);
        command.Parameters.Add(new() { Value = kind.Name() });
        command.Parameters.Add(new() { Value = max });
        command.Parameters.Add(new() { Value = lease });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var jobs = new List<LeasedJob>();
        while (await reader.ReadAsync(cancellationToken))
        {
            jobs.Add(new(reader.GetInt64(0), reader.GetGuid(1), reader.GetInt32(2), reader.GetGuid(3), reader.GetString(4)));
        }

        return jobs;
    }

    /// <summary>Takes the given job or the oldest due one, also one whose lease has run out, for an agent outside.</summary>
    /// <param name="refId">The task; null for any.</param>
    /// <returns>Null when there is none to take.</returns>
    public async Task<LeasedJob?> ClaimOneAsync(JobKind kind, Guid? refId, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(ClaimOneSql);
        command.Parameters.Add(new() { Value = kind.Name() });
        command.Parameters.Add(new() { Value = (object?)refId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = lease });
        return await OneAsync(command, cancellationToken);
    }

    /// <summary>The job that somebody holds who knows its lease token.</summary>
    /// <returns>Null when the lease is not theirs or has run out.</returns>
    public async Task<LeasedJob?> FindHeldAsync(JobKind kind, Guid refId, Guid token, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(FindHeldSql);
        command.Parameters.Add(new() { Value = refId });
        command.Parameters.Add(new() { Value = kind.Name() });
        command.Parameters.Add(new() { Value = token });
        return await OneAsync(command, cancellationToken);
    }

    /// <summary>Makes a job due that waits for a decision. The job is locked until the transaction ends.</summary>
    /// <returns>False when it does not wait.</returns>
    public static async Task<bool> WakeAsync(Guid refId, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(WakeSql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = refId });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>Extends leases. What is not in the answer is no longer held, and its work must stop.</summary>
    public async Task<IReadOnlySet<long>> RenewAsync(
        IReadOnlyCollection<LeasedJob> jobs, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(RenewSql);
        command.Parameters.Add(new() { Value = jobs.Select(job => job.Id).ToArray() });
        command.Parameters.Add(new() { Value = jobs.Select(job => job.LeaseToken).ToArray() });
        command.Parameters.Add(new() { Value = lease });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var held = new HashSet<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            held.Add(reader.GetInt64(0));
        }

        return held;
    }

    /// <summary>
    /// Ends the lease with an outcome and hands over to the next stage, all in one transaction.
    /// </summary>
    /// <returns>False when the lease is no longer ours: then nothing was changed.</returns>
    public async Task<bool> SettleAsync(LeasedJob job, JobOutcome outcome, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var command = new NpgsqlCommand(SettleSql, connection, transaction))
        {
            command.Parameters.Add(new() { Value = job.Id });
            command.Parameters.Add(new() { Value = job.LeaseToken });
            command.Parameters.Add(new() { Value = outcome.State });
            command.Parameters.Add(new() { Value = outcome.Delay });
            command.Parameters.Add(new() { Value = (object?)Storable(outcome.Error) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
            command.Parameters.Add(new() { Value = outcome.CountsAsAttempt ? 0 : 1 });
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                return false;
            }
        }

        if (outcome.Handover is not null)
        {
            await outcome.Handover(transaction, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Puts jobs whose holder has vanished back in the queue.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> RescueAsync(JobKind kind, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(RescueSql);
        command.Parameters.Add(new() { Value = kind.Name() });
        return await command.ExecuteNonQueryAsync(cancellationToken);
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

    private static async Task<LeasedJob?> OneAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(reader.GetInt64(0), reader.GetGuid(1), reader.GetInt32(2), reader.GetGuid(3), reader.GetString(4))
            : null;
    }

    // An error's text can quote anything. Postgres refuses NUL, and a job must not stay unsettled for what it says.
    private static string? Storable(string? error) =>
        error is null ? null : StorableText.Of(error.Length > MaxErrorLength ? error[..MaxErrorLength] : error);
}
