using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Events;
using Aspire.Webhooks.Worker.Playbooks;
using Aspire.Webhooks.Worker.Steps;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Worker.Tasks;

/// <summary>An agent task as stored.</summary>
public sealed record StoredTask(Guid Id, Guid EventId, string Playbook, string? Traceparent);

/// <summary>An agent task to be stored, with its job.</summary>
/// <param name="Kind">Whether we run it, or an agent outside.</param>
/// <param name="Lane">Its job's.</param>
public sealed record NewTask(
    Guid Id, Guid EventId, string Playbook, string Agent, DateTimeOffset CreatedAt, string? Traceparent, JobKind Kind, string Lane)
{
    public static NewTask Of(WebhookEvent webhookEvent, Playbook playbook, string? traceparent, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new(
            Guid.CreateVersion7(now), webhookEvent.Id, playbook.Name, playbook.Options.Agent, now, traceparent,
            playbook.IsExternal ? JobKind.External : JobKind.Task, webhookEvent.Source);
    }
}

/// <summary>A task, the event that it is about, and its steps so far.</summary>
public sealed record LoadedTask(StoredTask Task, WebhookEvent Event, IReadOnlyList<TaskStep> Steps);

/// <summary>Writes and reads agent tasks.</summary>
public sealed class TaskStore(NpgsqlDataSource database)
{
    // Task and job in one statement: an event's playbooks wait for a round trip each.
    private const string CreateSql = """
        with incoming as materialized (
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)
                as incoming (id, event_id, playbook, agent, created_at, traceparent, kind, lane)),
        task as (
            insert into webhooks.agent_tasks (id, event_id, playbook, agent, created_at, traceparent)
            select id, event_id, playbook, agent, created_at, traceparent from incoming)
        insert into webhooks.jobs (kind, ref_id, lane) select kind, id, lane from incoming
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

    private const string FinishSql = """
        update webhooks.agent_tasks task set result = finished.result, finished_at = finished.at
        from unnest($1, $2, $3) as finished (id, result, at) where task.id = finished.id
        """;

    /// <summary>Adds tasks and their jobs, in the transaction that settles their events'.</summary>
    public static readonly JobStatement<NewTask> Create = new(tasks =>
    {
        var command = new NpgsqlBatchCommand(CreateSql);
        command.Parameters.AddColumn(tasks, task => task.Id, NpgsqlDbType.Uuid);
        command.Parameters.AddColumn(tasks, task => task.EventId, NpgsqlDbType.Uuid);
        command.Parameters.AddColumn(tasks, task => task.Playbook, NpgsqlDbType.Text);
        command.Parameters.AddColumn(tasks, task => task.Agent, NpgsqlDbType.Text);
        command.Parameters.AddColumn(tasks, task => task.CreatedAt, NpgsqlDbType.TimestampTz);
        command.Parameters.AddColumn(tasks, task => task.Traceparent, NpgsqlDbType.Text);
        command.Parameters.AddColumn(tasks, task => task.Kind.Name(), NpgsqlDbType.Text);
        command.Parameters.AddColumn(tasks, task => task.Lane, NpgsqlDbType.Text);
        return command;
    });

    /// <summary>Stores results, in the transaction that settles the tasks' jobs.</summary>
    public static readonly JobStatement<(Guid Id, string Result, DateTimeOffset At)> Finish = new(tasks =>
    {
        var command = new NpgsqlBatchCommand(FinishSql);
        command.Parameters.AddColumn(tasks, task => task.Id, NpgsqlDbType.Uuid);
        command.Parameters.AddColumn(tasks, task => task.Result, NpgsqlDbType.Text);
        command.Parameters.AddColumn(tasks, task => task.At, NpgsqlDbType.TimestampTz);
        return command;
    });

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
}
