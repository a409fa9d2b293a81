using System.Security.Cryptography;
using System.Text;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>A request for approval as it is in the tables.</summary>
public sealed record AskedApproval(Guid Id, Guid TaskId, string Hash);

/// <summary>Puts tasks where people find them that wait for a decision.</summary>
public static class ApprovalRows
{
    public const string Arguments = """{"branch":"main"}""";

    /// <summary>A task that an outside agent runs, which waits because of a request for approval.</summary>
    /// <param name="expiresIn">A Postgres interval.</param>
    public static async Task<AskedApproval> AddAsync(
        string database, string expiresIn = "1 hour", string state = "pending", string job = "state = 'waiting'",
        string kind = "external", string arguments = Arguments, string content = "")
    {
        var task = await Tables.AddTaskAsync(
            database, "{}", kind: kind, source: "approvals", job: $"{job}, due_at = now() + interval '1 hour'");
        await using var db = Tables.Open(database);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"delete_branch\n{arguments}")));
        var now = TimeProvider.System.GetUtcNow();
        db.Add(new AgentStep
        {
            TaskId = task, Position = 0, Kind = "approval", Content = content, Tool = "delete_branch", Data = arguments,
            CreatedAt = now,
        });
        var approval = new Approval
        {
            Id = Guid.CreateVersion7(), TaskId = task, Position = 0, Tool = "delete_branch", Arguments = arguments,
            ArgumentsSha256 = hash,
            State = state, RequestedAt = now, ExpiresAt = now, DecidedAt = state == "pending" ? null : now,
            DecidedBy = state is "granted" or "refused" ? "somebody" : null,
        };
        db.Add(approval);
        await db.SaveChangesAsync();
        await Sql.ExecuteAsync(
            database, $"update webhooks.approvals set expires_at = now() + interval '{expiresIn}' where id = '{approval.Id}'");
        return new(approval.Id, task, hash);
    }
}
