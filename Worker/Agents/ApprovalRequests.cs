using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Where the approval of a call stands.</summary>
/// <param name="State"><c>pending</c>, <c>granted</c>, <c>refused</c> or <c>expired</c>.</param>
/// <param name="ArgumentsSha256">What was shown to whom it was asked of.</param>
/// <param name="Remaining">How long it can still be decided.</param>
public sealed record ApprovalState(string State, string ArgumentsSha256, string? Reason, TimeSpan Remaining)
{
    public bool IsPending => State == "pending";

    /// <summary>True when exactly this call was granted.</summary>
    public bool Grants(string tool, string arguments) => State == "granted" && ArgumentsSha256 == ApprovalRequests.Hash(tool, arguments);
}

/// <summary>Asks people for approval of tool calls, and looks what they said. Time is the database's.</summary>
public sealed class ApprovalRequests(NpgsqlDataSource database, TimeProvider time)
{
    private const string RequestSql = """
        insert into webhooks.approvals (id, task_id, position, tool, arguments, arguments_sha256, expires_at)
        values ($1, $2, $3, $4, $5, $6, now() + $7)
        """;

    private const string FindSql = """
        with late as (
            update webhooks.approvals set state = 'expired', decided_at = now()
            where task_id = $1 and position = $2 and state = 'pending' and expires_at <= now()
            returning id)
        select case when exists (select from late) then 'expired' else state end, arguments_sha256, reason, expires_at - now()
        from webhooks.approvals where task_id = $1 and position = $2
        """;

    /// <summary>The hash that an approval is bound to: of the tool and the exact text of its arguments, in hex.</summary>
    public static string Hash(string tool, string arguments) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tool}\n{arguments}")));

    /// <summary>Asks, in the transaction that lets the task wait.</summary>
    /// <param name="position">The approval step.</param>
    /// <param name="arguments">JSON, redacted.</param>
    public async Task RequestAsync(
        Guid taskId, int position, string tool, string arguments, TimeSpan expiry, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(RequestSql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = Guid.CreateVersion7(time.GetUtcNow()) });
        command.Parameters.Add(new() { Value = taskId });
        command.Parameters.Add(new() { Value = position });
        command.Parameters.Add(new() { Value = tool });
        command.Parameters.Add(new() { Value = arguments });
        command.Parameters.Add(new() { Value = Hash(tool, arguments) });
        command.Parameters.Add(new() { Value = expiry });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What became of it. One that nobody decided in time is expired from then on.</summary>
    public async Task<ApprovalState> FindAsync(Guid taskId, int position, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(FindSql);
        command.Parameters.Add(new() { Value = taskId });
        command.Parameters.Add(new() { Value = position });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(
            reader.GetString(0), reader.GetString(1), await reader.IsDBNullAsync(2, cancellationToken) ? null : reader.GetString(2),
            reader.GetTimeSpan(3));
    }
}
