using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>Tool calls that wait for a person, from the model's call to its next turn.</summary>
public sealed class ApprovalRunTests(TestStack stack)
{
    private static readonly ModelAnswer Note = ModelAnswer.Call("send_message", new { type = "issue.note", data = new { n = 1 } });

    [Fact]
    public async Task A_granted_call_is_made_once()
    {
        await using var model = await ModelServer.StartAsync(Note, "Sent.");
        await using var setup = await StartAsync(model);
        var waiting = await setup.InStateAsync(await setup.AddAsync("{}"), "waiting");
        Assert.Empty(waiting.Messages);

        var (status, decided) = await DecideAsync(setup, waiting, "grant");

        Assert.Equal((HttpStatusCode.OK, "granted"), (status, decided.GetProperty("state").GetString()));
        var task = await setup.EndedAsync(waiting.EventId);
        Assert.Equal(["prompt", "model", "approval", "tool", "model", "result"], task.Steps.Select(step => step.Kind), StringComparer.Ordinal);
        Assert.Single(task.Messages, message => message.EventType == "issue.note");
        Assert.Equal(("done", 1), ((await Tables.JobAsync(setup.Database, task.Id)).State, (await Tables.JobAsync(setup.Database, task.Id)).Attempt));
    }

    [Fact]
    public async Task A_refused_call_is_not_made_and_the_model_is_told_why()
    {
        await using var model = await ModelServer.StartAsync(Note, "Not sent.");
        await using var setup = await StartAsync(model);
        var waiting = await setup.InStateAsync(await setup.AddAsync("{}"), "waiting");

        await DecideAsync(setup, waiting, "refuse", "Not on a Sunday.");

        var task = await setup.EndedAsync(waiting.EventId);
        Assert.Equal("A person refused this call: Not on a Sunday.", task.Steps[3].Content);
        Assert.Contains("Not on a Sunday.", model.Requests.Last().Results[0], StringComparison.Ordinal);
        Assert.DoesNotContain(task.Messages, message => message.EventType == "issue.note");
    }

    [Fact]
    public async Task A_call_that_nobody_decides_is_not_made()
    {
        await using var model = await ModelServer.StartAsync(Note, "Not sent.");
        await using var setup = await StartAsync(model, ("Webhooks:Playbooks:triage:ApprovalExpiry", "00:00:01"));

        var task = await setup.RunAsync("{}");

        Assert.Equal("Nobody approved this call in time; it was not made.", task.Steps[3].Content);
        Assert.Equal("expired", Assert.Single(task.Approvals).State);
        Assert.DoesNotContain(task.Messages, message => message.EventType == "issue.note");
    }

    [Fact]
    public async Task A_wait_and_a_grant_survive_restarts()
    {
        await using var model = await ModelServer.StartAsync(Note, "Sent.");
        await using var setup = await StartAsync(model);
        var waiting = await setup.InStateAsync(await setup.AddAsync("{}"), "waiting");

        await setup.StopWorkerAsync();
        await setup.StartWorkerAsync(stack, AgentSetup.Playbook(approval: ["send_message"]));
        await DecideAsync(setup, waiting, "grant");

        var task = await setup.EndedAsync(waiting.EventId);
        Assert.Single(task.Messages, message => message.EventType == "issue.note");
    }

    [Fact]
    public async Task A_grant_is_for_the_arguments_that_were_shown()
    {
        await using var model = await ModelServer.StartAsync(Note, "Not sent.");
        await using var setup = await StartAsync(model);
        var waiting = await setup.InStateAsync(await setup.AddAsync("{}"), "waiting");

        // The call within the model's step is JSON in JSON.
        await Sql.ExecuteAsync(setup.Database, "update webhooks.agent_steps set data = replace(data, 'issue.note', 'issue.nose') where kind = 'model'");
        Assert.Contains("issue.nose", await Sql.ScalarAsync<string>(setup.Database, "select data from webhooks.agent_steps where kind = 'model'"), StringComparison.Ordinal);
        await DecideAsync(setup, waiting, "grant");

        var task = await setup.EndedAsync(waiting.EventId);
        Assert.Equal("The approval was for other arguments; the call was not made.", task.Steps[3].Content);
        Assert.DoesNotContain(task.Messages, message => message.EventType == "issue.note");
    }

    [Fact]
    public async Task Nobody_is_asked_about_a_call_that_would_be_refused_anyway()
    {
        await using var model = await ModelServer.StartAsync(ModelAnswer.Call("send_message", new { type = "invoice.paid", data = new { } }), "Not sent.");
        await using var setup = await StartAsync(model);

        var task = await setup.RunAsync("{}");

        Assert.Equal(["prompt", "model", "tool", "model", "result"], task.Steps.Select(step => step.Kind), StringComparer.Ordinal);
        Assert.Empty(task.Approvals);
    }

    [Fact]
    public async Task Each_of_two_calls_in_one_answer_is_asked_about_and_a_call_without_need_is_made_at_once()
    {
        await using var model = await ModelServer.StartAsync(
            new ModelAnswer("", Note.Calls[0], ("read_event", "{}"), ("send_message", """{"type":"issue.note","data":{"n":2}}""")), "Done.");
        await using var setup = await StartAsync(model);
        var id = await setup.AddAsync("{}");

        await DecideAsync(setup, await setup.InStateAsync(id, "waiting"), "refuse", "No.");
        var second = await Eventually.GetAsync("the second call waits", async () =>
            await setup.InStateAsync(id, "waiting") is { Approvals.Count: 2 } task ? task : null);
        Assert.Equal(["prompt", "model", "approval", "tool", "tool", "approval"], second.Steps.Select(step => step.Kind), StringComparer.Ordinal);
        await DecideAsync(setup, second, "grant");

        var ended = await setup.EndedAsync(id);
        Assert.Single(ended.Messages, message => message.EventType == "issue.note");
        Assert.Equal([true, false, false], ended.Steps.Where(step => step.Kind == "tool").Select(step => step.Failed));
    }

    private Task<AgentSetup> StartAsync(ModelServer model, params (string Key, string Value)[] settings) =>
        AgentSetup.StartAsync(stack, model, [.. AgentSetup.Playbook(approval: ["send_message"]), .. settings]);

    private static async Task<(HttpStatusCode Status, JsonElement Body)> DecideAsync(AgentSetup setup, AgentTask task, string decision, string? reason = null)
    {
        using var client = setup.NewClient().With(OperatorToken.Approve);
        var pending = task.Approvals.Single(approval => approval.State == "pending");
        var shown = await client.OkAsync($"/approvals/{pending.Id}");
        return await client.CallAsync($"/approvals/{pending.Id}/{decision}", new { arguments_sha256 = shown.GetProperty("arguments_sha256").GetString(), reason });
    }
}
