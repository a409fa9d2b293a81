using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>A new agent task and its job.</summary>
/// <param name="Kind">The kind of its job: <c>task</c> for our own agents, <c>external</c> for external ones.</param>
/// <param name="Lane">The lane of its job.</param>
public sealed record NewTask(
    Guid Id, Guid EventId, string Playbook, string Agent, DateTimeOffset CreatedAt, string? Traceparent, JobKind Kind,
    string Lane)
{
    // Task and job are one statement, to save a round trip for each playbook of an event.
    private const string CreateSql = """
        with incoming as materialized (
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)
                as incoming (id, event_id, playbook, agent, created_at, traceparent, kind, lane)),
        task as (
            insert into webhooks.agent_tasks (id, event_id, playbook, agent, created_at, traceparent)
            select id, event_id, playbook, agent, created_at, traceparent from incoming)
        insert into webhooks.jobs (kind, ref_id, lane) select kind, id, lane from incoming
        """;

    /// <summary>Adds tasks and their jobs in the transaction that settles the jobs of their events.</summary>
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

    public static NewTask Of(WebhookEvent webhookEvent, Playbook playbook, string? traceparent, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new(
            Guid.CreateVersion7(now), webhookEvent.Id, playbook.Name, playbook.Options.Agent, now, traceparent,
            playbook.IsExternal ? JobKind.External : JobKind.Task, webhookEvent.Source);
    }
}
