using Aspire.Webhooks.Api;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>The decision of a person about an approval.</summary>
/// <param name="ArgumentsSha256">The hash of the arguments that the person saw. The decision is valid only for these.</param>
/// <param name="DecidedBy">The subject of the person's token.</param>
public sealed record Decision(bool Granted, string ArgumentsSha256, string? Reason, string DecidedBy);

/// <summary>The result of a decision.</summary>
public enum DecisionResult
{
    /// <summary>The decision is stored.</summary>
    Done,

    /// <summary>The approval does not exist.</summary>
    Unknown,

    /// <summary>The approval has other arguments.</summary>
    OtherArguments,

    /// <summary>Another decision was stored before.</summary>
    Decided,

    /// <summary>The approval has expired.</summary>
    Expired,

    /// <summary>The task no longer waits: it has ended, or it continues without a decision.</summary>
    NotAwaited,
}

/// <summary>
/// Stores decisions about approvals. A decision and the end of the wait are one transaction. Times are those of the database's
/// clock.
/// </summary>
public sealed class ApprovalDecisions(NpgsqlDataSource database, JobWakeup wakeup, AuditLog audit, Redactor redactor)
{
    private const string TaskSql = "select task_id from webhooks.approvals where id = $1";

    private const string StateSql =
        "select state, expires_at <= now(), arguments_sha256 from webhooks.approvals where id = $1 for update";

    private const string DecideSql = """
        update webhooks.approvals set state = $2, decided_at = now(), decided_by = $3, reason = $4 where id = $1
        """;

    /// <summary>Stores a decision and makes the waiting task due.</summary>
    public async Task<DecisionResult> DecideAsync(Guid id, Decision decision, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var task = Command(TaskSql, id, transaction);
        if (await task.ExecuteScalarAsync(cancellationToken) is not Guid taskId)
        {
            return DecisionResult.Unknown;
        }

        // The job is locked first, so that another decision, or a run without a decision, waits here.
        var waits = await JobQueue.MakeDueAsync(taskId, transaction, cancellationToken);
        var result = await JudgeAsync(id, decision.ArgumentsSha256, waits, transaction, cancellationToken);
        if (result == DecisionResult.Done)
        {
            await using var decide = Command(DecideSql, id, transaction);
            decide.Parameters.Add(new() { Value = decision.Granted ? "granted" : "refused" });
            decide.Parameters.Add(new() { Value = decision.DecidedBy });
            var reason = decision.Reason is { } text ? (object)Reason.Storable(text, redactor) : DBNull.Value;
            decide.Parameters.Add(new() { Value = reason, NpgsqlDbType = NpgsqlDbType.Text });
            await decide.ExecuteNonQueryAsync(cancellationToken);
            var act = decision.Granted ? AuditActions.Grant : AuditActions.Refuse;
            await audit.WriteAsync(
                new(decision.DecidedBy, act, AuditObjects.Approval, id.ToString(), decision.Reason), transaction,
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            wakeup.Notify(JobKind.Task);
        }

        return result;
    }

    private static async Task<DecisionResult> JudgeAsync(
        Guid id, string argumentsSha256, bool waits, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = Command(StateSql, id, transaction);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            // It was erased meanwhile.
            return DecisionResult.Unknown;
        }

        return (State: reader.GetString(0), IsLate: reader.GetBoolean(1), Sha256: reader.GetString(2)) switch
        {
            var asked when asked.Sha256 != argumentsSha256 => DecisionResult.OtherArguments,
            { State: "expired" } or { State: "pending", IsLate: true } => DecisionResult.Expired,
            { State: not "pending" } => DecisionResult.Decided,
            _ => waits ? DecisionResult.Done : DecisionResult.NotAwaited,
        };
    }

    private static NpgsqlCommand Command(string sql, Guid id, NpgsqlTransaction transaction)
    {
        var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = id });
        return command;
    }
}
