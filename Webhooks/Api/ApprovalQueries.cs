using Aspire.Webhooks.Storage;
using Npgsql;

namespace Aspire.Webhooks.Api;

/// <summary>Reads approvals. One that is pending too late is shown as expired, whether or not somebody has noticed.</summary>
public sealed class ApprovalQueries(NpgsqlDataSource database)
{
    // As the table's rules have it; by the database's clock.
    private const string Columns = """
        id, task_id, position, tool, arguments, arguments_sha256,
        case when state = 'pending' and expires_at <= now() then 'expired' else state end,
        requested_at, expires_at, decided_at, decided_by, reason, started_at, may_repeat
        """;

    /// <summary>What can be asked for.</summary>
    public static IReadOnlyList<string> States { get; } = ["pending", "granted", "refused", "expired"];

    /// <param name="state">One of <see cref="States"/>; null for all.</param>
    public async Task<Page<ApprovalView>> ListAsync(string? state, Paging paging, CancellationToken cancellationToken)
    {
        var fetched = await ReadAsync(
            command =>
            {
                var conditions = new SqlConditions(command);
                conditions.Add(paging.Before, "id < {0}");
                conditions.Add(state, state switch
                {
                    "pending" => "state = {0} and expires_at > now()",
                    "expired" => "(state = {0} or state = 'pending' and expires_at <= now())",
                    _ => "state = {0}",
                });
                return $"where {conditions} order by id desc limit {paging.Fetch}";
            },
            cancellationToken);
        return paging.ToPage(fetched, approval => approval.Id);
    }

    public async Task<ApprovalView?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        (await ReadAsync(command => $"where id = {Parameter(command, id)}", cancellationToken)).SingleOrDefault();

    /// <summary>Those of some tasks, oldest first.</summary>
    public async Task<ILookup<Guid, ApprovalView>> OfTasksAsync(IReadOnlyCollection<Guid> taskIds, CancellationToken cancellationToken) =>
        (await ReadAsync(command => $"where task_id = any({Parameter(command, taskIds.ToArray())}) order by id", cancellationToken))
        .ToLookup(approval => approval.TaskId);

    private static string Parameter(NpgsqlCommand command, object value)
    {
        command.Parameters.Add(new() { Value = value });
        return $"${command.Parameters.Count}";
    }

    private async Task<IReadOnlyList<ApprovalView>> ReadAsync(Func<NpgsqlCommand, string> tail, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        command.CommandText = $"select {Columns} from webhooks.approvals {tail(command)}";
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var approvals = new List<ApprovalView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            approvals.Add(new(
                reader.GetGuid(0), reader.GetGuid(1), reader.GetInt32(2), reader.GetString(3), reader.GetString(4), reader.GetString(5),
                reader.GetString(6), reader.GetFieldValue<DateTimeOffset>(7), reader.GetFieldValue<DateTimeOffset>(8),
                reader.GetFieldValue<DateTimeOffset?>(9), Text(reader, 10), Text(reader, 11),
                reader.GetFieldValue<DateTimeOffset?>(12), reader.GetBoolean(13)));
        }

        return approvals;

        static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}

/// <summary>A tool call that waits for a person's decision, or did.</summary>
/// <param name="Position">The step of the task that asks.</param>
/// <param name="Arguments">JSON as text: exactly what will be run, redacted.</param>
/// <param name="ArgumentsSha256">The SHA-256 of the tool's name, a line feed and that text, in hex: a decision names it, and is for these alone.</param>
/// <param name="State"><c>pending</c>, <c>granted</c>, <c>refused</c> or <c>expired</c>.</param>
/// <param name="DecidedBy">The token's <c>sub</c>; null when nobody decided.</param>
/// <param name="StartedAt">
/// When the granted call was started, or the grant was shown to an agent outside: it cannot be used again. Null before.
/// </param>
/// <param name="MayRepeat">The same call was started under an earlier grant and has no result: it may have been made.</param>
public sealed record ApprovalView(
    Guid Id,
    Guid TaskId,
    int Position,
    string Tool,
    string Arguments,
    string ArgumentsSha256,
    string State,
    DateTimeOffset RequestedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? DecidedAt,
    string? DecidedBy,
    string? Reason,
    DateTimeOffset? StartedAt,
    bool MayRepeat);
