using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Agents;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>Tool calls that wait for a person, from the model's call to its next turn.</summary>
public sealed class ApprovalRunTests(TestStack stack)
{
    private static readonly ModelAnswer Note = ModelAnswer.Call(
        "send_message", new { type = "issue.note", data = new { n = 1 } });

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
        Assert.Equal(
            ["prompt", "model", "approval", "tool", "model", "result"], task.Steps.Select(step => step.Kind),
            StringComparer.Ordinal);
        Assert.Single(task.Messages, message => message.EventType == "issue.note");
        Assert.Equal(
            ("done", 1),
            ((await Tables.JobAsync(setup.Database, task.Id)).State, (await Tables.JobAsync(setup.Database, task.Id)).Attempt));
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
        await Sql.ExecuteAsync(
            setup.Database,
            "update webhooks.agent_steps set data = replace(data, 'issue.note', 'issue.nose') where kind = 'model'");
        Assert.Contains(
            "issue.nose",
            await Sql.ScalarAsync<string>(setup.Database, "select data from webhooks.agent_steps where kind = 'model'"),
            StringComparison.Ordinal);
        await DecideAsync(setup, waiting, "grant");

        var task = await setup.EndedAsync(waiting.EventId);
        Assert.Equal("The approval was for other arguments; the call was not made.", task.Steps[3].Content);
        Assert.DoesNotContain(task.Messages, message => message.EventType == "issue.note");
    }

    [Fact]
    public async Task Nobody_is_asked_about_a_call_that_would_be_refused_anyway()
    {
        await using var model = await ModelServer.StartAsync(
            ModelAnswer.Call("send_message", new { type = "invoice.paid", data = new { } }), "Not sent.");
        await using var setup = await StartAsync(model);

        var task = await setup.RunAsync("{}");

        Assert.Equal(
            ["prompt", "model", "tool", "model", "result"], task.Steps.Select(step => step.Kind), StringComparer.Ordinal);
        Assert.Empty(task.Approvals);
    }

    [Fact]
    public async Task Nobody_is_asked_about_a_call_that_can_only_fail_whichever_the_tool()
    {
        var tooLong = new string('x', 64 * 1024);
        string[] tools = ["fetch_url", "read_event", "send_message"];
        (string Tool, string Arguments, string Error)[] calls =
        [
            ("fetch_url", """{"url":"https://evil.example.com/steal"}""", "egress to 'evil.example.com' denied"),
            ("fetch_url", """{"url":"https://localhost.evil.example.com/"}""", "egress to 'localhost.evil.example.com' denied"),
            ("fetch_url", """{"url":"/etc/passwd"}""", "egress to '' denied"),
            ("fetch_url", """{"url":"localhost"}""", "url must be an absolute URL."),
            ("fetch_url", """{"url":"ftp://localhost/"}""", "egress to 'localhost:21' denied"),
            ("fetch_url", """{"url":null}""", "url must be an absolute URL."),
            ("fetch_url", """{"url":5}""", "The arguments do not fit: "),
            ("fetch_url", "{}", "The arguments do not fit: "),
            ("read_event", """{"pointer":"title"}""", "'title' is no JSON pointer"),
            ("read_event", """{"pointer":"/nothing"}""", "There is nothing at /nothing."),
            ("read_event", """{"offset":99}""", "offset must be from 0 to "),
            ("send_message", """{"type":"invoice.paid","data":{}}""", "Messages of that type are not allowed"),
            ("send_message", """{"type":"issue.note","data":"text"}""", "data must be a JSON object."),
            ("send_message", $$"""{"type":"issue.note","data":{"n":"{{tooLong}}"} }""", "data has more than 65536 bytes."),
            ("launch_rocket", "{}", "There is no tool 'launch_rocket'."),
        ];
        var answer = new ModelAnswer(null, [.. calls.Select(call => (call.Tool, call.Arguments))]);
        await using var model = await ModelServer.StartAsync(answer, "I could not.");
        await using var setup = await AgentSetup.StartAsync(stack, model, AgentSetup.Playbook(approval: tools));

        var task = await setup.EndedAsync((await setup.InStateOrEndedAsync(await setup.AddAsync("{}"))).EventId);

        Assert.Empty(task.Approvals);
        var answers = task.Steps.Where(step => step.Kind == "tool").ToList();
        Assert.All(
            answers.Zip(calls), each => Assert.StartsWith(each.Second.Error, each.First.Content, StringComparison.Ordinal));
        Assert.Equal(calls.Length, answers.Count(step => step.Failed));
    }

    [Fact]
    public async Task A_call_that_a_restart_cut_short_is_asked_about_again_and_the_model_is_told_that_it_may_have_been_made()
    {
        await using var page = await MerchantServer.StartAsync(
            (_, context) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        var url = page.Url.AbsoluteUri.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        await using var model = await ModelServer.StartAsync(ModelAnswer.Call("fetch_url", new { url }), "I do not know.");
        (string, string)[] settings =
        [
            .. AgentSetup.Playbook(hosts: [$"localhost:{page.Url.Port}"], approval: ["fetch_url"]),
            ("Webhooks:Jobs:Task:Grace", "00:00:00"),
        ];
        await using var setup = await AgentSetup.StartAsync(stack, model, settings);
        var waiting = await setup.InStateAsync(await setup.AddAsync("{}"), "waiting");
        Assert.False(Assert.Single(waiting.Approvals).MayRepeat);
        await DecideAsync(setup, waiting, "grant");
        await page.NextAsync();

        await setup.StopWorkerAsync();
        await setup.StartWorkerAsync(stack, settings);

        var again = await Eventually.GetAsync("a person is asked again", async () =>
            await setup.InStateAsync(waiting.EventId, "waiting") is { Approvals.Count: 2 } task ? task : null);
        Assert.True(again.Approvals.Single(approval => approval.State == "pending").MayRepeat);
        await DecideAsync(setup, again, "refuse", "Once is enough.");
        var ended = await setup.EndedAsync(waiting.EventId);
        Assert.Equal(
            "A person refused this call: Once is enough. "
            + "An earlier run of this call was interrupted: the call may have been made.",
            ended.Steps.Single(step => step.Kind == "tool").Content);
        Assert.Single(page.All);
    }

    [Fact]
    public async Task A_grant_is_started_once_and_by_nobody_but_the_holder_of_the_task()
    {
        var database = await stack.NewDatabaseAsync();
        var asked = await ApprovalRows.AddAsync(
            database, state: "granted",
            job: "state = 'running', lease_token = gen_random_uuid(), lease_until = now() + interval '1 minute'");
        var job = await Tables.JobAsync(database, asked.TaskId);
        await using var source = NpgsqlDataSource.Create(database);
        var requests = new ApprovalRequests(
            source,
            new OperatorEvents(
                Options.Create(new OperatorOptions()), Options.Create(new LinksOptions()), TimeProvider.System,
                NullLogger<OperatorEvents>.Instance),
            TimeProvider.System);
        var held = new LeasedJob(job.Id, asked.TaskId, 1, job.LeaseToken!.Value, "");
        var cancellation = TestContext.Current.CancellationToken;

        Assert.Empty(await requests.StartAsync(held with { LeaseToken = Guid.CreateVersion7() }, 0, cancellation));
        Assert.Empty(await requests.StartAsync(held, 1, cancellation));
        Assert.Equal([asked.Id], await requests.StartAsync(held, 0, cancellation));
        Assert.Empty(await requests.StartAsync(held, null, cancellation));
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
        Assert.Equal(
            ["prompt", "model", "approval", "tool", "tool", "approval"], second.Steps.Select(step => step.Kind),
            StringComparer.Ordinal);
        await DecideAsync(setup, second, "grant");

        var ended = await setup.EndedAsync(id);
        Assert.Single(ended.Messages, message => message.EventType == "issue.note");
        Assert.Equal([true, false, false], ended.Steps.Where(step => step.Kind == "tool").Select(step => step.Failed));
    }

    private Task<AgentSetup> StartAsync(ModelServer model, params (string Key, string Value)[] settings) =>
        AgentSetup.StartAsync(stack, model, [.. AgentSetup.Playbook(approval: ["send_message"]), .. settings]);

    private static async Task<(HttpStatusCode Status, JsonElement Body)> DecideAsync(
        AgentSetup setup, AgentTask task, string decision, string? reason = null)
    {
        using var client = setup.NewClient().With(OperatorToken.Approve);
        var pending = task.Approvals.Single(approval => approval.State == "pending");
        var shown = await client.OkAsync($"/approvals/{pending.Id}");
        return await client.CallAsync(
            $"/approvals/{pending.Id}/{decision}",
            new { arguments_sha256 = shown.GetProperty("arguments_sha256").GetString(), reason });
    }
}
