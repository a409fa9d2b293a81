using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Playbooks;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Worker.Tasks;

/// <summary>An agent task as stored.</summary>
public sealed record StoredTask(Guid Id, Guid EventId, string Playbook, string? Traceparent);

/// <summary>Writes and reads agent tasks.</summary>
public sealed class TaskStore(NpgsqlDataSource database)
{
    private const string CreateSql = """
        insert into webhooks.agent_tasks (id, event_id, playbook, agent, created_at, traceparent) values ($1, $2, $3, $4, $5, $6)
        """;

    private const string LoadSql = "select event_id, playbook, traceparent from webhooks.agent_tasks where id = $1";

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
        await command.ExecuteNonQueryAsync(cancellationToken);
        var kind = playbook.IsExternal ? JobKind.External : JobKind.Task;
        await transaction.ExecuteAsync([JobQueue.Enqueue(kind, id, webhookEvent.Source)], cancellationToken);
    }

    /// <exception cref="InvalidOperationException">There is no such task.</exception>
    public async Task<StoredTask> LoadAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(LoadSql);
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(id, reader.GetGuid(0), reader.GetString(1), await reader.IsDBNullAsync(2, cancellationToken) ? null : reader.GetString(2))
            : throw new InvalidOperationException($"Task {id} is not there.");
    }

    /// <summary>Stores the result in the transaction that settles the task's job.</summary>
    public static async Task FinishAsync(Guid id, string result, DateTimeOffset now, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FinishSql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = result });
        command.Parameters.Add(new() { Value = now });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
