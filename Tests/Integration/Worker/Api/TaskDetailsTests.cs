using System.Text.Json;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Worker.Api;

public sealed class TaskDetailsTests(SharedWorker worker) : IClassFixture<SharedWorker>
{
    [Fact]
    public async Task A_task_is_shown_with_its_steps_what_they_used_and_what_they_carried()
    {
        var id = await Tables.AddTaskAsync(worker.Database, "{}", kind: "external", source: "tasks", type: "issues.opened");
        await AddStepsAsync(
            new() { TaskId = id, Position = 0, Kind = "prompt", Content = "Say what happened." },
            new() { TaskId = id, Position = 1, Kind = "model", Content = "", Data = """{"calls":[{"name":"fetch_url"}]}""", InputTokens = 900, OutputTokens = 40, DurationMs = 1234 },
            new() { TaskId = id, Position = 2, Kind = "tool", Tool = "fetch_url", Content = "404", Failed = true },
            new() { TaskId = id, Position = 3, Kind = "model", Content = "Nothing.", InputTokens = 100, OutputTokens = 2 });

        var shown = await worker.Reader.OkAsync($"/tasks/{id}");

        Assert.Equal(("tasks", "issues.opened", "external"), (Text("source"), Text("event_type"), Text("agent")));
        Assert.Equal((1000, 42), Tokens(shown));
        var steps = shown.GetProperty("steps").EnumerateArray().ToList();
        Assert.Equal(
            ["prompt", "model", "tool", "model"], steps.Select(step => step.GetProperty("kind").GetString()),
            StringComparer.Ordinal);
        Assert.Equal([0, 1, 2, 3], steps.Select(step => step.GetProperty("position").GetInt32()));
        Assert.Equal("fetch_url", steps[1].GetProperty("data").GetProperty("calls")[0].GetProperty("name").GetString());
        Assert.Equal((1234, (900, 40)), (steps[1].GetProperty("duration_ms").GetInt32(), Tokens(steps[1])));
        Assert.Equal(
            ("fetch_url", true, JsonValueKind.Null),
            (steps[2].GetProperty("tool").GetString(), steps[2].GetProperty("failed").GetBoolean(),
            steps[2].GetProperty("data").ValueKind));
        Assert.Empty(shown.GetProperty("approvals").EnumerateArray());

        string? Text(string member) => shown.GetProperty(member).GetString();
    }

    [Fact]
    public async Task A_list_has_what_a_task_used_but_neither_steps_nor_approvals()
    {
        var playbook = $"playbook-{Guid.CreateVersion7():N}";
        var id = await Tables.AddTaskAsync(worker.Database, "{}", playbook, "external");
        await AddStepsAsync(
            new AgentStep { TaskId = id, Position = 0, Kind = "model", Content = "a long answer", InputTokens = 7,
                OutputTokens = 3 });

        var listed = (await worker.Reader.OkAsync($"/tasks?playbook={playbook}")).GetProperty("data").EnumerateArray().Single();

        Assert.Equal((7, 3), Tokens(listed));
        Assert.False(listed.TryGetProperty("steps", out _));
        Assert.False(listed.TryGetProperty("approvals", out _));
    }

    [Fact]
    public async Task Who_holds_a_task_is_seen_but_never_the_token_that_proves_it()
    {
        var id = await Tables.AddTaskAsync(
            worker.Database, "{}", kind: "external",
            job: "state = 'running', attempt = 3, lease_token = gen_random_uuid(), lease_until = now() + interval '1 hour'");
        var job = await Tables.JobAsync(worker.Database, id);

        var shown = await worker.Reader.OkAsync($"/tasks/{id}");

        Assert.Equal((3, JsonValueKind.Null), (shown.GetProperty("attempts").GetInt32(), shown.GetProperty("due_at").ValueKind));
        Assert.Equal(job.LeaseUntil, shown.GetProperty("lease_until").GetDateTimeOffset());
        Assert.DoesNotContain(job.LeaseToken.ToString()!, shown.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_completed_task_is_shown_with_its_result_and_the_way_of_its_message()
    {
        var id = await Tables.AddTaskAsync(
            worker.Database, "{}", kind: "external", job: "state = 'done', attempt = 1, finished_at = now()");
        var merchant = $"merchant-{id}";
        await Sql.ExecuteAsync(worker.Database, $$"""update webhooks.agent_tasks set result = '{"summary":"Done."}' where id = '{{id}}'""");
        await Tables.AddEndpointAsync(worker.Database, merchant, new("https://user:pass@merchant.example/hooks?key=opaque"));
        var message = await Tables.PublishAsync(
            worker.Database, new(merchant, "task.completed", "{}"u8.ToArray(), $"task:{id}") { TaskId = id });

        var shown = await worker.Reader.OkAsync($"/tasks/{id}");

        Assert.Equal("Done.", shown.GetProperty("result").GetProperty("summary").GetString());
        var sent = shown.GetProperty("messages").EnumerateArray().Single();
        Assert.Equal(
            (message, "task.completed"), (sent.GetProperty("id").GetString(), sent.GetProperty("event_type").GetString()));
        var delivery = sent.GetProperty("deliveries").EnumerateArray().Single();
        Assert.Equal(
            ("https://***@merchant.example/hooks?***", "pending"),
            (delivery.GetProperty("url").GetString(), delivery.GetProperty("state").GetString()));
    }

    private async Task AddStepsAsync(params AgentStep[] steps)
    {
        await using var db = Tables.Open(worker.Database);
        db.AddRange(steps);
        await db.SaveChangesAsync();
    }

    private static (int Input, int Output) Tokens(JsonElement of) =>
        (of.GetProperty("tokens").GetProperty("input").GetInt32(), of.GetProperty("tokens").GetProperty("output").GetInt32());
}
