using Npgsql;

namespace Aspire.Webhooks.Api;

/// <summary>The result of an erasure.</summary>
public enum ErasureResult
{
    /// <summary>The content is gone, also when it was before.</summary>
    Done,

    /// <summary>There is no such event, task or message.</summary>
    Unknown,

    /// <summary>A job that needs the content is running. Nothing was erased.</summary>
    Busy,
}

/// <summary>
/// Erases the content of an event, a task or a message with everything that was derived from it, and cancels its waiting jobs.
/// The rows stay, so that duplicates are still detected. Transcripts follow within seconds: <c>TranscriptRetention</c> of each
/// Worker reads the audit.
/// </summary>
public sealed class ContentErasure(NpgsqlDataSource database, AuditLog audit)
{
    private const string EventSql = "select id from webhooks.inbound_events where id = $1";
    private const string TaskSql = "select id from webhooks.agent_tasks where id = $1";
    private const string MessageSql = "select id from webhooks.messages where id = $1";

    private const string TasksSql = "select id from webhooks.agent_tasks where event_id = any($1)";
    private const string MessagesSql = "select id from webhooks.messages where task_id = any($1)";
    private const string DeliveriesSql = "select id from webhooks.deliveries where message_id = any($1)";

    // A locked job is being claimed or settled. To wait for it could be a deadlock, because its transaction may wait for rows
    // that are locked here.
    private const string CancelSql = """
        with free as (
            select id from webhooks.jobs
            where ref_id = any($1) and finished_at is null and (lease_until is null or lease_until < now())
            for update skip locked)
        update webhooks.jobs job set state = 'cancelled', finished_at = now(), lease_token = null, lease_until = null
        from free where job.id = free.id
        """;

    private const string OpenSql = "select exists (select from webhooks.jobs where ref_id = any($1) and finished_at is null)";

    private const string ForgetErrorsSql =
        "update webhooks.jobs set last_error = null where ref_id = any($1) and last_error is not null";

    private static readonly string[] OfEvents =
    [
        "update webhooks.inbound_events set body = null, headers = '{}' where id = any($1)",
        "delete from webhooks.messages_inbox where event_id = any($1)",
    ];

    private static readonly string[] OfTasks =
    [
        "delete from webhooks.approvals where task_id = any($1)",
        "delete from webhooks.agent_steps where task_id = any($1)",
        "update webhooks.agent_tasks set result = null where id = any($1)",
    ];

    private const string OfMessagesSql = "update webhooks.messages set payload = null where id = any($1)";

    private const string OfDeliveriesSql =
        "update webhooks.delivery_attempts set error = null, response_body = null where delivery_id = any($1)";

    /// <summary>Erases an event, its tasks and the messages that they made.</summary>
    public Task<ErasureResult> EraseEventAsync(Guid id, string actor, string? reason, CancellationToken cancellationToken) =>
        EraseAsync(
            new(actor, AuditActions.Erase, AuditObjects.Event, id.ToString(), reason), [id], EventSql,
            async (events, transaction) =>
                await HasEndedAsync(events, transaction, cancellationToken)
                && await EraseTasksAsync(
                    await ReadAsync<Guid>(TasksSql, events, transaction, cancellationToken), transaction, cancellationToken)
                && await ExecuteAsync(OfEvents, events, transaction, cancellationToken),
            cancellationToken);

    /// <summary>Erases a task and the messages that it made. Its event stays.</summary>
    public Task<ErasureResult> EraseTaskAsync(Guid id, string actor, string? reason, CancellationToken cancellationToken) =>
        EraseAsync(
            new(actor, AuditActions.Erase, AuditObjects.Task, id.ToString(), reason), [id], TaskSql,
            (tasks, transaction) => EraseTasksAsync(tasks, transaction, cancellationToken), cancellationToken);

    /// <summary>Erases a message and the answers of its endpoints. Its task stays.</summary>
    public Task<ErasureResult> EraseMessageAsync(string id, string actor, string? reason, CancellationToken cancellationToken) =>
        EraseAsync(
            new(actor, AuditActions.Erase, AuditObjects.Message, id, reason), [id], MessageSql,
            (messages, transaction) => EraseMessagesAsync(messages, transaction, cancellationToken), cancellationToken);

    private async Task<ErasureResult> EraseAsync<T>(
        AuditAct act, T[] ids, string findSql, Func<T[], NpgsqlTransaction, Task<bool>> eraseAsync,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var find = new NpgsqlCommand(findSql, connection, transaction) { Parameters = { new() { Value = ids[0] } } };
        if (await find.ExecuteScalarAsync(cancellationToken) is null)
        {
            return ErasureResult.Unknown;
        }

        try
        {
            if (!await eraseAsync(ids, transaction))
            {
                return ErasureResult.Busy;
            }

            await audit.WriteAsync(act, transaction, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return ErasureResult.Done;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.DeadlockDetected)
        {
            // Retention was deleting the same rows in another order, or another erasure was.
            return ErasureResult.Busy;
        }
    }

    // The jobs of a stage have ended before the next stage is read. So no job adds to it afterwards.
    private static async Task<bool> EraseTasksAsync(
        Guid[] tasks, NpgsqlTransaction transaction, CancellationToken cancellationToken) =>
        await HasEndedAsync(tasks, transaction, cancellationToken)
        && await EraseMessagesAsync(
            await ReadAsync<string>(MessagesSql, tasks, transaction, cancellationToken), transaction, cancellationToken)
        && await ExecuteAsync(OfTasks, tasks, transaction, cancellationToken);

    private static async Task<bool> EraseMessagesAsync(
        string[] messages, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var deliveries = await ReadAsync<Guid>(DeliveriesSql, messages, transaction, cancellationToken);
        return await HasEndedAsync(deliveries, transaction, cancellationToken)
            && await ExecuteAsync([OfMessagesSql], messages, transaction, cancellationToken)
            && await ExecuteAsync([OfDeliveriesSql], deliveries, transaction, cancellationToken);
    }

    /// <summary>Cancels the open jobs of these ids and deletes the errors of all.</summary>
    /// <returns>False when one is running.</returns>
    private static async Task<bool> HasEndedAsync(
        Guid[] refs, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await ExecuteAsync([CancelSql], refs, transaction, cancellationToken);
        await using var open = Command(OpenSql, refs, transaction);
        return await open.ExecuteScalarAsync(cancellationToken) is false
            && await ExecuteAsync([ForgetErrorsSql], refs, transaction, cancellationToken);
    }

    private static async Task<bool> ExecuteAsync<T>(
        string[] statements, T[] ids, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        foreach (var sql in statements)
        {
            await using var command = Command(sql, ids, transaction);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return true;
    }

    private static async Task<TFound[]> ReadAsync<TFound>(
        string sql, object ids, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, ids, transaction);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<TFound>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetFieldValue<TFound>(0));
        }

        return [.. found];
    }

    private static NpgsqlCommand Command(string sql, object ids, NpgsqlTransaction transaction) =>
        new(sql, transaction.Connection, transaction) { Parameters = { new() { Value = ids } } };
}
