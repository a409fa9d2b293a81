using Aspire.Webhooks.Queue;
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

    /// <summary>What <see cref="Read"/> reads with a claim.</summary>
    internal const string ClaimColumns = $"""
        task.event_id, task.playbook, task.traceparent, exists (select from webhooks.agent_steps where task_id = task.id), {EventStore.ClaimColumns}
        """;

    internal const string ClaimJoins = """
        left join webhooks.agent_tasks task on task.id = due.ref_id left join webhooks.inbound_events event on event.id = task.event_id
        """;

    private const string LoadSql = $"""
        select task.event_id, task.playbook, task.traceparent, {EventStore.Columns}
        from webhooks.agent_tasks task join webhooks.inbound_events event on event.id = task.event_id where task.id = $1
        """;

    private const string FinishSql = "update webhooks.agent_tasks set result = $2, finished_at = $3 where id = $1";

    /// <summary>Adds a task and its job: a command for the transaction that settles the event's.</summary>
    public static NpgsqlBatchCommand Create(WebhookEvent webhookEvent, Playbook playbook, string? traceparent, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var command = new NpgsqlBatchCommand(CreateSql);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = webhookEvent.Id });
        command.Parameters.Add(new() { Value = playbook.Name });
        command.Parameters.Add(new() { Value = playbook.Options.Agent });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = (object?)traceparent ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (playbook.IsExternal ? JobKind.External : JobKind.Task).Name() });
        command.Parameters.Add(new() { Value = webhookEvent.Source });
        return command;
    }

    /// <summary>The task in a claim's row; null when it has steps already, which are read apart, or its event's body was left out.</summary>
    internal static LoadedTask? Read(NpgsqlDataReader reader, Guid id, int column)
    {
        if (reader.IsDBNull(column) || reader.GetBoolean(column + 3))
        {
            return null;
        }

        var task = new StoredTask(id, reader.GetGuid(column), reader.GetString(column + 1), reader.IsDBNull(column + 2) ? null : reader.GetString(column + 2));
        return EventStore.Read(reader, task.EventId, column + 4) is { } stored ? new(task, stored.Event, []) : null;
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
        var webhookEvent = EventStore.Read(reader, task.EventId, column: 3)!.Event;
        await reader.NextResultAsync(cancellationToken);
        return new(task, webhookEvent, await StepStore.ReadAsync(reader, cancellationToken));
    }

    /// <summary>Stores the result: a command for the transaction that settles the task's job.</summary>
    public static NpgsqlBatchCommand Finish(Guid id, string result, DateTimeOffset now) => new(FinishSql)
    {
        Parameters = { new() { Value = id }, new() { Value = result }, new() { Value = now } },
    };
}
