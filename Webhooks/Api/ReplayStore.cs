using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Api;

/// <summary>
/// Starts and cancels replays. The runs of a replay are jobs like any other. Events whose content was deleted are left out.
/// </summary>
public sealed class ReplayStore(
    NpgsqlDataSource database, JobWakeup wakeup, AuditLog audit, Redactor redactor, TimeProvider time)
{
    private const int SampleSize = 10;

    // A concurrent claim leaves the job running: the update waits for its row lock, evaluates the condition again and skips the
    // job.
    private const string CancelSql = """
        with cancelled as (
            update webhooks.replays set cancelled_at = coalesce(cancelled_at, now()) where id = $1 returning id),
        stopped as (
            update webhooks.jobs set state = 'cancelled', finished_at = now()
            from cancelled where replay_id = cancelled.id and state = 'pending')
        select count(*) from cancelled
        """;

    /// <summary>Reports what a replay of these events would do.</summary>
    public async Task<DryRun> TryAsync(EventSelection events, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        command.CommandText = $"""
            with matching as materialized ({WithContent(events).Sql(command, newestFirst: false)} limit {limit + 1})
            select (select count(*) from matching), array(select id from matching order by id limit {Math.Min(SampleSize, limit)})
            """;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var count = (int)reader.GetInt64(0);
        return new(Math.Min(count, limit), count > limit, await reader.GetFieldValueAsync<Guid[]>(1, cancellationToken));
    }

    /// <summary>Queues a run of each event and wakes the Worker.</summary>
    /// <param name="filter">The request's selection of events as a JSON object, which is stored with the replay.</param>
    /// <returns>The id of the replay.</returns>
    public async Task<Guid> StartAsync(ReplayOrder order, string filter, string requestedBy, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var id = await StartAsync(order, filter, requestedBy, transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeup.Notify(JobKind.Event);
        return id;
    }

    /// <summary>
    /// The same in the caller's transaction. After the commit, <see cref="JobWakeup.Notify"/> saves the time of a poll.
    /// </summary>
    public async Task<Guid> StartAsync(
        ReplayOrder order, string filter, string requestedBy, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand { Connection = transaction.Connection, Transaction = transaction };
        var id = Guid.CreateVersion7(time.GetUtcNow());

        // The due_at spread the runs over time, oldest event first, so that places of the Worker stay free for live events.
        command.CommandText = $"""
            with matching as materialized (
                select id, row_number() over (order by id) - 1 as position
                from ({WithContent(order.Events).Sql(command, newestFirst: false)} limit {order.Limit}) as selected),
            replay as (
                insert into webhooks.replays (id, reason, filter, requested_by, event_count, created_at)
                select {Add(id)}, {Add(Reason.Storable(order.Reason, redactor))}, {Add(filter, NpgsqlDbType.Jsonb)},
                    {Add(requestedBy)}, count(*), now()
                from matching
                returning id)
            insert into webhooks.jobs (kind, ref_id, lane, due_at, replay_id)
            select 'event', matching.id, event.source,
                now() + matching.position * {Add(TimeSpan.FromSeconds(1) / order.PerSecond)}, replay.id
            from matching join webhooks.inbound_events event on event.id = matching.id, replay order by position
            """;
        await command.ExecuteNonQueryAsync(cancellationToken);
        var (kind, about) = order.Events.Id is { } single ? (AuditObjects.Event, single) : (AuditObjects.Replay, id);
        await audit.WriteAsync(
            new(requestedBy, AuditActions.Replay, kind, about.ToString(), order.Reason), transaction, cancellationToken);
        return id;

        string Add(object value, NpgsqlDbType? type = null)
        {
            command.Parameters.Add(type is { } known ? new() { Value = value, NpgsqlDbType = known } : new() { Value = value });
            return $"${command.Parameters.Count}";
        }
    }

    /// <summary>Cancels the pending runs of a replay. Runs that have started continue to their end.</summary>
    /// <returns>False when there is no such replay.</returns>
    public async Task<bool> CancelAsync(Guid id, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(CancelSql, connection, transaction);
        command.Parameters.Add(new() { Value = id });
        if (await command.ExecuteScalarAsync(cancellationToken) is not 1L)
        {
            return false;
        }

        await audit.WriteAsync(
            new(actor, AuditActions.Cancel, AuditObjects.Replay, id.ToString()), transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static EventSelection WithContent(EventSelection events) => events with { HasContent = true };
}
