using System.Security.Cryptography;
using System.Text;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>The state of an approval.</summary>
/// <param name="State"><c>pending</c>, <c>granted</c>, <c>refused</c> or <c>expired</c>.</param>
/// <param name="ArgumentsSha256">The hash of the tool and the arguments that were shown to people.</param>
/// <param name="Remaining">The time until it expires.</param>
/// <param name="IsStarted">Whether a run has started the granted call. Without its step it is unknown whether the call was
/// made.</param>
/// <param name="MayRepeat">Whether an earlier grant of the same call was started and has no result.</param>
public sealed record ApprovalState(
    string State, string ArgumentsSha256, string? Reason, TimeSpan Remaining, bool IsStarted, bool MayRepeat)
{
    public bool IsPending => State == "pending";

    /// <summary>Whether exactly this call was granted.</summary>
    public bool Grants(string tool, string arguments) =>
        State == "granted" && ArgumentsSha256 == ApprovalRequests.Hash(tool, arguments);
}

/// <summary>
/// Requests the approval of tool calls, tells operators of it, and reads the decisions. Times are those of the database's clock.
/// </summary>
public sealed class ApprovalRequests(NpgsqlDataSource database, OperatorEvents operators, TimeProvider time)
{
    /// <summary>
    /// <c>webhook.approvals.pending</c> and <c>webhook.approvals.oldest_age</c>: how many tool calls wait for a person, and how
    /// long the oldest of them has waited.
    /// </summary>
    public static readonly DatabaseGauges Pending = new(
        """
        select count(*)::float8, coalesce(extract(epoch from now() - min(requested_at)), 0)::float8
        from webhooks.approvals where state = 'pending' and expires_at > now()
        """,
        WebhookTelemetry.Meter.CreateGauge<double>(
            "webhook.approvals.pending", "{approval}", "Tool calls that wait for the decision of a person."),
        WebhookTelemetry.Meter.CreateGauge<double>(
            "webhook.approvals.oldest_age", "s", "Time that the oldest of them has waited; 0 when none waits."));

    private const string RequestSql = """
        insert into webhooks.approvals (id, task_id, position, tool, arguments, arguments_sha256, expires_at, may_repeat)
        values ($1, $2, $3, $4, $5, $6, now() + $7, exists (
            select from webhooks.approvals earlier
            where earlier.task_id = $2 and earlier.arguments_sha256 = $6 and earlier.started_at is not null
                and not exists (
                    select from webhooks.agent_steps
                    where task_id = $2 and kind = 'tool' and position > earlier.position)))
        returning id, arguments_sha256, expires_at, may_repeat,
            (select playbook from webhooks.agent_tasks where id = $2), (select event_id from webhooks.agent_tasks where id = $2)
        """;

    private const string FindSql = """
        with late as (
            update webhooks.approvals set state = 'expired', decided_at = now()
            where task_id = $1 and position = $2 and state = 'pending' and expires_at <= now()
            returning id)
        select case when exists (select from late) then 'expired' else state end, arguments_sha256, reason, expires_at - now(),
            started_at is not null, may_repeat
        from webhooks.approvals where task_id = $1 and position = $2
        """;

    // Locks the job before the approval, as all code does.
    private const string StartSql = """
        with held as (select from webhooks.jobs where id = $1 and lease_token = $2 for update)
        update webhooks.approvals set started_at = now() from held
        where task_id = $3 and position = coalesce($4, position) and state = 'granted' and started_at is null
        returning id
        """;

    /// <summary>Returns the hash of a tool and the exact text of its arguments in hex. A decision is bound to it.</summary>
    public static string Hash(string tool, string arguments) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tool}\n{arguments}")));

    /// <summary>Requests approval, in the transaction that lets the task wait.</summary>
    /// <param name="position">The position of the approval step.</param>
    /// <param name="arguments">The arguments as redacted JSON.</param>
    public async Task RequestAsync(
        Guid taskId, int position, string tool, string arguments, TimeSpan expiry, NpgsqlTransaction transaction,
        CancellationToken cancellationToken)
    {
        Guid id;
        object data;
        await using (var command = new NpgsqlCommand(RequestSql, transaction.Connection, transaction))
        {
            command.Parameters.Add(new() { Value = Guid.CreateVersion7(time.GetUtcNow()) });
            command.Parameters.Add(new() { Value = taskId });
            command.Parameters.Add(new() { Value = position });
            command.Parameters.Add(new() { Value = tool });
            command.Parameters.Add(new() { Value = arguments });
            command.Parameters.Add(new() { Value = Hash(tool, arguments) });
            command.Parameters.Add(new() { Value = expiry });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            id = reader.GetGuid(0);
            data = new
            {
                ApprovalId = id, TaskId = taskId, EventId = reader.GetGuid(5), Playbook = reader.GetString(4), Tool = tool,
                ArgumentsSha256 = reader.GetString(1), ExpiresAt = reader.GetFieldValue<DateTimeOffset>(2),
                MayRepeat = reader.GetBoolean(3),
            };
        }

        await operators.PublishAsync(
            OperatorEvents.ApprovalRequested, $"{id}", $"/approvals/{id}", data, transaction, cancellationToken);
    }

    /// <summary>Reads the state of an approval. If its time is over, it is set to expired.</summary>
    public async Task<ApprovalState> FindAsync(Guid taskId, int position, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(FindSql);
        command.Parameters.Add(new() { Value = taskId });
        command.Parameters.Add(new() { Value = position });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(
            reader.GetString(0), reader.GetString(1),
            await reader.IsDBNullAsync(2, cancellationToken) ? null : reader.GetString(2), reader.GetTimeSpan(3),
            reader.GetBoolean(4), reader.GetBoolean(5));
    }

    /// <summary>
    /// Marks granted calls as started while the task's job is held, and commits. A call is marked once, and only the run that
    /// marked it makes it. So it is made at most once, even if the process ends at any moment.
    /// </summary>
    /// <param name="position">The position of the approval step; null for every granted call of the task.</param>
    /// <returns>The approvals that this call has marked; none when the lease was lost.</returns>
    public async Task<IReadOnlyList<Guid>> StartAsync(LeasedJob job, int? position, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(StartSql);
        command.Parameters.Add(new() { Value = job.Id });
        command.Parameters.Add(new() { Value = job.LeaseToken });
        command.Parameters.Add(new() { Value = job.RefId });
        command.Parameters.Add(new() { Value = (object?)position ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var started = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            started.Add(reader.GetGuid(0));
        }

        return started;
    }
}
