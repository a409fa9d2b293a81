using Aspire.Webhooks.Jobs;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Worker.Events;
using Aspire.Webhooks.Worker.Playbooks;
using Aspire.Webhooks.Worker.Steps;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Worker.Tasks;

/// <summary>An agent task as stored.</summary>
public sealed record StoredTask(Guid Id, Guid EventId, string Playbook, string? Traceparent);

/// <summary>A task, the event that it is about, and its steps so far.</summary>
public sealed record LoadedTask(StoredTask Task, WebhookEvent Event, IReadOnlyList<TaskStep> Steps);

/// <summary>Writes and reads agent tasks.</summary>
public sealed class TaskStore(NpgsqlDataSource database)
{
    // Task and job in one statement: an event's playbooks wait for a round trip each.
    private const string CreateSql = """
        with task as (
            insert into webhooks.agent_tasks (id, event_id, playbook, agent, created_at, traceparent) values ($1, $2, $3, $4, $5, $6))
        insert into webhooks.jobs (kind, ref_id, lane) values ($7, $1, $8)
        """;

    private const string LoadSql = $"""
        select task.event_id, task.playbook, task.traceparent, {EventStore.Columns}
        from webhooks.agent_tasks task join webhooks.inbound_events event on event.id = task.event_id where task.id = $1
        """;

    private const string FinishSql = "update webhooks.agent_tasks set result = $2, finished_at = $3 where id = $1";

    /// <summary>Adds a task and its job in the caller's transaction.</summary>
    public static async Task CreateAsync(
        WebhookEvent webhookEvent, Playbook playbook, string? traceparent, NpgsqlTransaction transaction, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await using var command = new NpgsqlCommand(CreateSql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = webhookEvent.Id });
        command.Parameters.Add(new() { Value = playbook.Name });
        command.Parameters.Add(new() { Value = playbook.Options.Agent });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = (object?)traceparent ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (playbook.IsExternal ? JobKind.External : JobKind.Task).Name() });
        command.Parameters.Add(new() { Value = webhookEvent.Source });
        await command.PrepareAsync(cancellationToken);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Reads all that a run begins with, in one round trip.</summary>
    /// <exception cref="InvalidOperationException">There is no such task.</exception>
    public async Task<LoadedTask> LoadAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in (string[])[LoadSql, StepStore.ReadSql])
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new() { Value = id });
            batch.BatchCommands.Add(command);
        }

        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw new InvalidOperationException($"Task {id} is not there.");
        }

        var task = new StoredTask(id, reader.GetGuid(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2));
        var webhookEvent = EventStore.Read(reader, task.EventId, column: 3).Event;
        await reader.NextResultAsync(cancellationToken);
        return new(task, webhookEvent, await StepStore.ReadAsync(reader, cancellationToken));
    }

    /// <summary>Stores the result in the transaction that settles the task's job.</summary>
    public static async Task FinishAsync(Guid id, string result, DateTimeOffset now, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FinishSql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = result });
        command.Parameters.Add(new() { Value = now });
        await command.PrepareAsync(cancellationToken);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
