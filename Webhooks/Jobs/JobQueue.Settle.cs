using Aspire.Webhooks.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Jobs;

public sealed partial class JobQueue
{
    private const string SettleSql = """
        with held as (
            select job.id from webhooks.jobs job
            join unnest($1, $2) as mine (id, token) on job.id = mine.id and job.lease_token = mine.token
            order by job.id for update of job)
        update webhooks.jobs job
        set state = outcome.state, due_at = now() + outcome.delay, last_error = coalesce(outcome.error, last_error),
            attempt = attempt - outcome.uncounted, slow = job.slow or outcome.slow, lease_token = null, lease_until = null,
            finished_at = case when outcome.state in ('pending', 'waiting') then null else now() end
        from held join unnest($1, $3, $4, $5, $6, $7) as outcome (id, state, delay, error, uncounted, slow) on outcome.id = held.id
        where job.id = held.id
        returning job.id, job.kind
        """;

    private const int MaxErrorLength = 4096;

    /// <summary>
    /// Ends the lease with an outcome and hands over to the next stage, all in one transaction.
    /// </summary>
    /// <returns>False when the lease is no longer ours: then nothing was changed.</returns>
    public async Task<bool> SettleAsync(LeasedJob job, JobOutcome outcome, CancellationToken cancellationToken) =>
        (await SettleTogetherAsync([new(job, outcome)], Timeout.InfiniteTimeSpan, cancellationToken)).Count == 1;

    /// <summary>
    /// Settles several jobs, each one's handover included, in one transaction: all that are held or, when it throws, none.
    /// </summary>
    /// <param name="settlements">Different jobs, and how they ended.</param>
    /// <param name="patience">How long to wait for a lock that somebody else has; infinite is allowed.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <returns>The jobs whose lease was ours. Nothing was changed of the others.</returns>
    public async Task<IReadOnlySet<long>> SettleTogetherAsync(
        IReadOnlyList<Settlement> settlements, TimeSpan patience, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var kinds = await EndLeasesAsync(settlements, patience, transaction, cancellationToken);

        // What handovers lock belongs to their lane as often as not: two batches that take lanes in one order do not deadlock.
        foreach (var (job, outcome) in settlements.OrderBy(settlement => settlement.Job.Lane, StringComparer.Ordinal))
        {
            if (outcome.Handover is not null && kinds.ContainsKey(job.Id))
            {
                await outcome.Handover(transaction, cancellationToken);
            }
        }

        await transaction.CommitAsync(cancellationToken);
        foreach (var (job, outcome) in settlements.Where(settlement => kinds.ContainsKey(settlement.Job.Id)))
        {
            JobMetrics.Settled(kinds[job.Id], outcome);
        }

        return kinds.Keys.ToHashSet();
    }

    private static async Task<Dictionary<long, string>> EndLeasesAsync(
        IReadOnlyList<Settlement> settlements, TimeSpan patience, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);

        // A process that sleeps between this and its commit would keep the jobs locked, and nobody could rescue them.
        batch.BatchCommands.Add(new("set local idle_in_transaction_session_timeout = '10s'"));
        if (patience != Timeout.InfiniteTimeSpan)
        {
            batch.BatchCommands.Add(new($"set local lock_timeout = {(int)patience.TotalMilliseconds}"));
        }

        var settle = new NpgsqlBatchCommand(SettleSql);
        settle.Parameters.Add(new() { Value = settlements.Select(settlement => settlement.Job.Id).ToArray() });
        settle.Parameters.Add(new() { Value = settlements.Select(settlement => settlement.Job.LeaseToken).ToArray() });
        settle.Parameters.Add(new() { Value = settlements.Select(settlement => settlement.Outcome.State).ToArray() });
        settle.Parameters.Add(new() { Value = settlements.Select(settlement => settlement.Outcome.Delay).ToArray() });
        settle.Parameters.Add(new()
        {
            Value = settlements.Select(settlement => Storable(settlement.Outcome.Error)).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
        settle.Parameters.Add(new() { Value = settlements.Select(settlement => settlement.Outcome.CountsAsAttempt ? 0 : 1).ToArray() });
        settle.Parameters.Add(new() { Value = settlements.Select(settlement => settlement.Outcome.IsSlow).ToArray() });
        batch.BatchCommands.Add(settle);

        // Once per pooled connection, as for claims: planning a lone settlement takes longer than doing it.
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var kinds = new Dictionary<long, string>(settlements.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            kinds.Add(reader.GetInt64(0), reader.GetString(1));
        }

        return kinds;
    }

    // An error's text can quote anything. Postgres refuses NUL, and a job must not stay unsettled for what it says.
    private static string? Storable(string? error) =>
        error is null ? null : StorableText.Of(error.Length > MaxErrorLength ? error[..MaxErrorLength] : error);
}

/// <summary>A job and how it ended.</summary>
public sealed record Settlement(LeasedJob Job, JobOutcome Outcome);
