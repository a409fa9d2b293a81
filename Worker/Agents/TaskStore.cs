using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Events;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>A stored agent task.</summary>
public sealed record StoredTask(Guid Id, Guid EventId, string Playbook, string? Traceparent);

/// <summary>A task with its event and its steps so far.</summary>
public sealed record LoadedTask(StoredTask Task, WebhookEvent Event, IReadOnlyList<TaskStep> Steps);

/// <summary>Writes and reads agent tasks.</summary>
public sealed class TaskStore(NpgsqlDataSource database)
{
    /// <summary>The columns that <see cref="Read"/> reads with a claim.</summary>
    internal const string ClaimColumns = $"""
        task.event_id, task.playbook, task.traceparent, exists (select from webhooks.agent_steps where task_id = task.id),
        {EventStore.ClaimColumns}
        """;

    internal const string ClaimJoins = """
        left join webhooks.agent_tasks task on task.id = due.ref_id
        left join webhooks.inbound_events event on event.id = task.event_id
        """;

    private const string LoadSql = $"""
        select task.event_id, task.playbook, task.traceparent, {EventStore.Columns}
        from webhooks.agent_tasks task join webhooks.inbound_events event on event.id = task.event_id where task.id = $1
        """;

    private const string FinishSql = """
        update webhooks.agent_tasks task set result = finished.result, finished_at = finished.at
        from unnest($1, $2, $3) as finished (id, result, at) where task.id = finished.id
        """;

    /// <summary>Stores results, in the transaction that settles the tasks' jobs.</summary>
    public static readonly JobStatement<(Guid Id, string Result, DateTimeOffset At)> Finish = new(tasks =>
    {
        var command = new NpgsqlBatchCommand(FinishSql);
        command.Parameters.AddColumn(tasks, task => task.Id, NpgsqlDbType.Uuid);
        command.Parameters.AddColumn(tasks, task => task.Result, NpgsqlDbType.Text);
        command.Parameters.AddColumn(tasks, task => task.At, NpgsqlDbType.TimestampTz);
        return command;
    });

    /// <summary>
    /// Reads the task of a claimed job; null when it has steps, which need another query, or when the body was left out.
    /// </summary>
    internal static LoadedTask? Read(NpgsqlDataReader reader, Guid id, int column)
    {
        if (reader.IsDBNull(column) || reader.GetBoolean(column + 3))
        {
            return null;
        }

        var task = new StoredTask(
            id, reader.GetGuid(column), reader.GetString(column + 1),
            reader.IsDBNull(column + 2) ? null : reader.GetString(column + 2));
        return EventStore.Read(reader, task.EventId, column + 4) is { } stored ? new(task, stored.Event, []) : null;
    }

    /// <summary>Reads a task with its event and steps in one round trip.</summary>
    /// <exception cref="InvalidOperationException">The task does not exist.</exception>
    /// <exception cref="ContentDeletedException">The content of its event was deleted.</exception>
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
            throw new InvalidOperationException($"Task {id} does not exist.");
        }

        var task = new StoredTask(id, reader.GetGuid(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2));
        var webhookEvent = EventStore.Read(reader, task.EventId, column: 3)?.Event
            ?? throw new ContentDeletedException($"event {task.EventId}");
        await reader.NextResultAsync(cancellationToken);
        return new(task, webhookEvent, await StepStore.ReadAsync(reader, cancellationToken));
    }
}
