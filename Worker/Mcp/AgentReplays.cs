using System.Text.Json;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Agents;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>
/// Replays events for an agent outside: an event of a task that it holds, unless the settings allow any, and each only so often.
/// A replay can make a task whose agent replays the event again: without a bound that would never end.
/// </summary>
internal sealed class AgentReplays(
    NpgsqlDataSource database, ReplayStore replays, ExternalTasks tasks, AgentName agent, JobWakeup wakeup,
    IOptions<McpOptions> options)
{
    // Locked until the commit, so that the lease cannot end between look and write.
    private const string HoldSql = """
        select task.event_id from webhooks.jobs job join webhooks.agent_tasks task on task.id = job.ref_id
        where job.ref_id = $1 and job.kind = 'external' and job.lease_token = $2 and job.lease_until > now()
        for update of job
        """;

    // Replays of one event are counted one after the other; its tasks and jobs can be written meanwhile.
    private const string LockSql = "select body is not null from webhooks.inbound_events where id = $1 for no key update";

    private const string CountSql = """
        select count(*) from webhooks.jobs job join webhooks.replays replay on replay.id = job.replay_id
        where job.ref_id = $1 and job.kind = 'event' and replay.requested_by = $2
        """;

    /// <param name="lease">A task of the event and the token of its lease; null where the settings must allow it.</param>
    /// <returns>The replay's id.</returns>
    /// <exception cref="ToolException">It may not; nothing was written.</exception>
    public async Task<Guid> StartAsync(
        Guid eventId, string reason, (Guid TaskId, Guid Token)? lease, CancellationToken cancellationToken)
    {
        if (lease is null && !options.Value.ReplayAnyEvent)
        {
            throw new ToolException("To replay an event, hold a task of it: claim one, and give its task_id and lease_token.");
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (lease is { } held)
        {
            await CheckLeaseAsync(eventId, held.TaskId, held.Token, transaction, cancellationToken);
        }

        switch (await ScalarAsync(LockSql, transaction, cancellationToken, eventId))
        {
            case null:
                throw new ToolException($"There is no event {eventId}.");
            case false:
                throw new ContentDeletedException($"event {eventId}");
        }

        var caller = $"agent:{agent.Value}";
        var max = options.Value.MaxReplaysPerEvent;
        if (await ScalarAsync(CountSql, transaction, cancellationToken, eventId, caller) is long count && count >= max)
        {
            throw new ToolException($"You have replayed event {eventId} {count} times; {max} are allowed. Leave it to a person.");
        }

        var order = new ReplayOrder(new() { Id = eventId }, reason, Limit: 1, PerSecond: 1);
        var filter = JsonSerializer.Serialize(new { event_id = eventId });
        var replay = await replays.StartAsync(order, filter, caller, transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeup.Notify(JobKind.Event);
        return replay;
    }

    private async Task CheckLeaseAsync(
        Guid eventId, Guid taskId, Guid token, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        if (await ScalarAsync(HoldSql, transaction, cancellationToken, taskId, token) is not Guid about)
        {
            throw await tasks.NotHeldAsync(taskId, cancellationToken);
        }

        if (about != eventId)
        {
            throw new ToolException($"Task {taskId} is about event {about}, not about event {eventId}.");
        }
    }

    private static async Task<object?> ScalarAsync(
        string sql, NpgsqlTransaction transaction, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
