using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Api;

/// <summary>Writes replays: what is pending of them is jobs like any other.</summary>
public sealed class ReplayStore(NpgsqlDataSource database, JobWakeup wakeup, Redactor redactor, TimeProvider time)
{
    private const int SampleSize = 10;

    // A claim that came first leaves the job running: the update waits for it, looks again and passes over the job.
    private const string CancelSql = """
        with cancelled as (
            update webhooks.replays set cancelled_at = coalesce(cancelled_at, now()) where id = $1 returning id),
        stopped as (
            update webhooks.jobs set state = 'cancelled', finished_at = now()
            from cancelled where replay_id = cancelled.id and state = 'pending')
        select count(*) from cancelled
        """;

    /// <summary>Says what a replay of these events would do.</summary>
    public async Task<DryRun> TryAsync(EventSelection events, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        command.CommandText = $"""
            with matching as materialized ({events.Sql(command)} order by e.id limit {limit + 1})
            select (select count(*) from matching), array(select id from matching order by id limit {Math.Min(SampleSize, limit)})
            """;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var count = (int)reader.GetInt64(0);
        return new(Math.Min(count, limit), count > limit, await reader.GetFieldValueAsync<Guid[]>(1, cancellationToken));
    }

    /// <summary>Queues a run of each event, and wakes the Worker.</summary>
    /// <param name="filter">What was asked for, as a JSON object.</param>
    /// <returns>The replay's id.</returns>
    public async Task<Guid> StartAsync(ReplayOrder order, string filter, string requestedBy, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        var id = await StartAsync(order, filter, requestedBy, command, cancellationToken);
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
        return await StartAsync(order, filter, requestedBy, command, cancellationToken);
    }

    private async Task<Guid> StartAsync(
        ReplayOrder order, string filter, string requestedBy, NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());

        // Spread over time by their due_at, oldest event first, so that live events find the Worker free in between.
        command.CommandText = $"""
            with matching as materialized (
                select id, row_number() over (order by id) - 1 as position
                from ({order.Events.Sql(command)} order by e.id limit {order.Limit}) as selected),
            replay as (
                insert into webhooks.replays (id, reason, filter, requested_by, event_count, created_at)
                select {Add(id)}, {Add(Reason.Storable(order.Reason, redactor))}, {Add(filter, NpgsqlDbType.Jsonb)}, {Add(requestedBy)}, count(*), now() from matching
                returning id)
            insert into webhooks.jobs (kind, ref_id, lane, due_at, replay_id)
            select 'event', matching.id, event.source, now() + matching.position * {Add(TimeSpan.FromSeconds(1) / order.PerSecond)}, replay.id
            from matching join webhooks.inbound_events event on event.id = matching.id, replay order by position
            """;
        await command.ExecuteNonQueryAsync(cancellationToken);
        return id;

        string Add(object value, NpgsqlDbType? type = null)
        {
            command.Parameters.Add(type is { } known ? new() { Value = value, NpgsqlDbType = known } : new() { Value = value });
            return $"${command.Parameters.Count}";
        }
    }

    /// <summary>Cancels what is pending of a replay; what runs ends by itself.</summary>
    /// <returns>False when there is no such replay.</returns>
    public async Task<bool> CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(CancelSql);
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteScalarAsync(cancellationToken) is 1L;
    }
}
