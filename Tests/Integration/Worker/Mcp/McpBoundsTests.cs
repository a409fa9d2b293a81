using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Worker.Mcp;

/// <summary>What an agent outside can do without a task, and how often.</summary>
public sealed class McpBoundsTests(TestStack stack)
{
    private static readonly (string Key, string Value)[] Playbook =
    [
        ("Webhooks__Playbooks__outside__Source", "github"), ("Webhooks__Playbooks__outside__EventTypes__0", "issues"),
        ("Webhooks__Playbooks__outside__Instructions", "Say what the issue asks for."),
        ("Webhooks__Playbooks__outside__Agent", "external"),
        ("Webhooks__Playbooks__outside__Merchant", "acme"), ("Webhooks__Playbooks__outside__Budget__Steps", "1"),
    ];

    [Fact]
    public async Task An_event_is_replayed_only_by_who_holds_a_task_of_it()
    {
        var database = await stack.NewDatabaseAsync();
        using var server = await StartAsync(database, "tester");
        var (task, about, token) = await ClaimAsync(server, database);
        var (another, elsewhere, anotherToken) = await ClaimAsync(server, database);
        var ended = await ClaimAsync(server, database);
        await Sql.ExecuteAsync(
            database, $"update webhooks.jobs set lease_until = now() - interval '1 second' where ref_id = '{ended.Task}'");

        await RefusedAsync(Replay(about, null, null), "hold a task of it");
        await RefusedAsync(Replay(about, another, anotherToken), $"is about event {elsewhere}");
        await RefusedAsync(Replay(about, task, anotherToken), "You do not hold the task.");
        await RefusedAsync(Replay(about, task, Guid.Empty), "You do not hold the task.");
        await RefusedAsync(Replay(about, task, null), "lease_token is an id");
        await RefusedAsync(Replay(about, null, token), "task_id is an id");
        await RefusedAsync(Replay(ended.Event, ended.Task, ended.Token), "its lease expired");
        await RefusedAsync(Replay(about, task, token, reason: " "), "reason says why");
        Assert.Equal(0, await Sql.CountAsync(database, "webhooks.replays"));

        Assert.False(McpServer.IsError(await server.CallAsync("replay_event", Replay(about, task, token))));
        Assert.Equal(1, await Sql.CountAsync(database, $"webhooks.jobs where replay_id is not null and ref_id = '{about}'"));

        async Task RefusedAsync(object arguments, string says)
        {
            var answer = await server.CallAsync("replay_event", arguments);
            Assert.True(McpServer.IsError(answer), $"It is not refused: {JsonSerializer.Serialize(arguments)}");
            Assert.Contains(says, McpServer.Text(answer), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_agent_replays_an_event_only_so_often_whatever_task_of_it_it_holds()
    {
        var database = await stack.NewDatabaseAsync();
        using var server = await StartAsync(database, "tester");
        var (task, about, token) = await ClaimAsync(server, database);

        var answers = await server.CallAtOnceAsync(20, "replay_event", Replay(about, task, token));

        Assert.Equal(3, answers.Count(answer => !McpServer.IsError(answer)));
        Assert.Contains("3 are allowed", McpServer.Text(answers.First(McpServer.IsError)), StringComparison.Ordinal);
        Assert.Equal(3, await Sql.CountAsync(database, "webhooks.replays"));

        // As a replay makes it: another task of the same event.
        var next = await ClaimAsync(server, database);
        await Sql.ExecuteAsync(database, $"update webhooks.agent_tasks set event_id = '{about}' where id = '{next.Task}'");
        Assert.True(McpServer.IsError(await server.CallAsync("replay_event", Replay(about, next.Task, next.Token))));
        using var again = await StartAsync(database, "tester");
        Assert.True(McpServer.IsError(await again.CallAsync("replay_event", Replay(about, task, token))));
        Assert.Equal(3, await Sql.CountAsync(database, "webhooks.replays"));

        // The bound is each agent's and each event's.
        using var other = await StartAsync(database, "another");
        Assert.False(McpServer.IsError(await other.CallAsync("replay_event", Replay(about, task, token))));
        var (elsewhere, otherEvent, otherToken) = await ClaimAsync(server, database);
        Assert.False(McpServer.IsError(await server.CallAsync("replay_event", Replay(otherEvent, elsewhere, otherToken))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task Where_the_settings_allow_any_event_no_task_is_needed_and_the_bound_holds(int max)
    {
        var database = await stack.NewDatabaseAsync();
        using var server = await StartAsync(
            database, "tester", ("Webhooks__Mcp__ReplayAnyEvent", "true"), ("Webhooks__Mcp__MaxReplaysPerEvent", $"{max}"));
        var about = await Tables.AddEventAsync(database, "{}", "issues");

        var answers = await server.CallAtOnceAsync(10, "replay_event", Replay(about, null, null));

        Assert.Equal(max, answers.Count(answer => !McpServer.IsError(answer)));
        Assert.Equal(max, await Sql.CountAsync(database, "webhooks.replays"));
        var unknown = await server.CallAsync("replay_event", Replay(Guid.Empty, null, null));
        Assert.Contains("There is no event", McpServer.Text(unknown), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_of_a_surrogate_pair_in_an_argument_costs_that_half_alone()
    {
        var database = await stack.NewDatabaseAsync();
        using var server = await StartAsync(database, "tester");
        var (task, _, token) = await ClaimAsync(server, database);

        var done = await server.CallRawAsync("complete_task", $$$"""
            {"task_id":"{{{task}}}","lease_token":"{{{token}}}","summary":"Deploy broke \ud83d.","facts":{"on\udc00":"\ud83d\ude00\ud83d"}}
            """.ReplaceLineEndings(""));

        Assert.False(McpServer.IsError(done), done.GetRawText());
        var result = JsonElement.Parse(
            await Sql.ScalarAsync<string>(database, $"select result from webhooks.agent_tasks where id = '{task}'") ?? "");
        Assert.Equal("Deploy broke \uFFFD.", result.GetProperty("summary").GetString());
        Assert.Equal("😀\uFFFD", result.GetProperty("facts").GetProperty("on\uFFFD").GetString());
    }

    [Fact]
    public async Task A_bound_out_of_its_range_stops_the_start()
    {
        var settings = Settings(await stack.DatabaseAsync());
        using var server = McpServer.Start([], [.. settings, ("Webhooks__Mcp__MaxReplaysPerEvent", "101")]);

        Assert.Equal((1, ""), await server.EndAsync());
        Assert.Contains("MaxReplaysPerEvent", await server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_are_asked_about_one_task_only_as_often_as_its_budget_has_steps()
    {
        var database = await stack.NewDatabaseAsync();
        using var server = await StartAsync(database, "tester");
        var (task, _, token) = await ClaimAsync(server, database);
        Assert.False(McpServer.IsError(await AskAsync(token)));
        await Sql.ExecuteAsync(database, $"update webhooks.jobs set due_at = now() where ref_id = '{task}'");
        var claimed = await server.CallAsync("claim_task", new { task_id = task });
        var again = JsonElement.Parse(McpServer.Text(claimed)).GetProperty("lease_token").GetGuid();

        var refused = await AskAsync(again);

        Assert.True(McpServer.IsError(refused));
        Assert.Contains("People were asked 1 times", McpServer.Text(refused), StringComparison.Ordinal);
        var completed = await server.CallAsync(
            "complete_task", new { task_id = task, lease_token = again, summary = "Nobody answers." });
        Assert.False(McpServer.IsError(completed), completed.GetRawText());

        Task<JsonElement> AskAsync(Guid lease) => server.CallAsync(
            "request_approval",
            new { task_id = task, lease_token = lease, action = "delete_branch", arguments = new { branch = "main" } });
    }

    private static object Replay(Guid id, Guid? task, Guid? token, string reason = "why") =>
        new { event_id = id, reason, task_id = task, lease_token = token };

    private static (string Key, string Value)[] Settings(string database) =>
        [("ConnectionStrings__webhooks", database), .. Playbook];

    private static async Task<McpServer> StartAsync(string database, string name, params (string Key, string Value)[] settings)
    {
        var server = McpServer.Start(["--name", name], [.. Settings(database), .. settings]);
        await server.InitializeAsync();
        return server;
    }

    private static async Task<(Guid Task, Guid Event, Guid Token)> ClaimAsync(McpServer server, string database)
    {
        var task = await Tables.AddTaskAsync(database, "{}", "outside", "external", type: "issues");
        var claimed = JsonElement.Parse(McpServer.Text(await server.CallAsync("claim_task", new { task_id = task })));
        return (task, claimed.GetProperty("event_id").GetGuid(), claimed.GetProperty("lease_token").GetGuid());
    }
}
