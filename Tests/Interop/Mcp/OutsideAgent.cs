using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Interop.Mcp;

/// <summary>One session for the tests of a class, in a database of its own, without Redis.</summary>
public sealed class OutsideAgent(TestStack stack) : IAsyncLifetime
{
    public const string Playbook = "outside";
    public const string Secret = "a-configured-secret-of-the-tests";

    /// <summary>The playbook for agents outside, and a secret that must not leave.</summary>
    internal static (string Key, string Value)[] Settings =>
    [
        ("Webhooks__Playbooks__outside__Source", "github"), ("Webhooks__Playbooks__outside__EventTypes__0", "issues"),
        ("Webhooks__Playbooks__outside__Instructions", "Say what the issue asks for."),
        ("Webhooks__Playbooks__outside__Agent", "external"), ("Webhooks__Playbooks__outside__Merchant", "acme"),
        ("Webhooks__Playbooks__outside__ResultType", "issue.triaged"),
        ("Webhooks__Jobs__Task__Sources__slow__Retries__0", "00:05:00"), ("WEBHOOK_SECRET_GITHUB", Secret),
        ("Webhooks__Operators__Merchant", "operators"),
    ];

    private McpSession? _another;

    public string Database { get; private set; } = null!;

    internal McpSession Session { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (Node.Available)
        {
            Database = await stack.NewDatabaseAsync();
            Session = await McpSession.StartAsync(Database, "claude", Settings);
        }
    }

    /// <summary>A second agent, which does not know of the first.</summary>
    internal async Task<McpSession> AnotherAsync() => _another ??= await McpSession.StartAsync(Database, "another", Settings);

    public Task<Guid> AddTaskAsync(string body = "{}", string? job = null, string source = "github") =>
        Tables.AddTaskAsync(Database, body, Playbook, "external", source, job: job, type: "issues");

    /// <summary>A task that the session holds.</summary>
    internal async Task<(Guid Task, string Token)> ClaimedAsync(string body = "{}")
    {
        var task = await AddTaskAsync(body);
        return (task, (await Session.OkAsync("claim_task", new { task_id = task })).GetProperty("lease_token").GetString()!);
    }

    public Task RunOutAsync(Guid task) =>
        Sql.ExecuteAsync(Database, $"update webhooks.jobs set lease_until = now() - interval '1 second' where ref_id = '{task}'");

    public Task MakeDueAsync(Guid task) =>
        Sql.ExecuteAsync(Database, $"update webhooks.jobs set due_at = now() where ref_id = '{task}'");

    public async Task<string> StateAsync(Guid task) => (await Tables.JobAsync(Database, task)).State;

    internal static string? Text(JsonElement json, string member) => json.GetProperty(member).GetString();

    public async ValueTask DisposeAsync()
    {
        if (Session is not null)
        {
            await Session.DisposeAsync();
        }

        if (_another is not null)
        {
            await _another.DisposeAsync();
        }
    }
}
