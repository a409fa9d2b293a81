using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>The loop with a model behind a real server: what it may do, and what it is told when it may not.</summary>
public sealed class AgentRunTests(TestStack stack)
{
    private const string Issue = """{"action":"opened","issue":{"number":7,"title":"It burns","body":"Call me on Monday."},"repository":{"full_name":"octo/app"}}""";

    [Fact]
    public async Task A_model_reads_fetches_sends_and_concludes_over_several_turns()
    {
        await using var page = await MerchantServer.StartAsync(
            async (_, context) =>
                await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(
                    context.Response, "The fire brigade is at 112."));
        await using var model = await ModelServer.StartAsync(
            ModelAnswer.Call("read_event", new { pointer = "/issue/title" }),
            ModelAnswer.Call(
                "fetch_url", new { url = page.Url.AbsoluteUri.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) }),
            ModelAnswer.Call("send_message", new { type = "issue.note", data = new { number = 7, call = "112" } }),
            "It burns; the fire brigade is at 112.");
        await using var setup = await AgentSetup.StartAsync(
            stack, model, ("Webhooks:Playbooks:triage:AllowedHosts:0", $"localhost:{page.Port}"));

        var task = await setup.RunAsync(Issue);

        Assert.Equal(
            ["prompt", "model", "tool", "model", "tool", "model", "tool", "model", "result"],
            task.Steps.Select(step => step.Kind), StringComparer.Ordinal);
        Assert.Equal("\"It burns\"", task.Steps[2].Content);
        Assert.Equal("The fire brigade is at 112.", task.Steps[4].Content);
        Assert.StartsWith("Sent as msg_", task.Steps[6].Content, StringComparison.Ordinal);
        Assert.All(task.Steps, step => Assert.False(step.Failed));
        Assert.Equal(15, task.Steps[1].InputTokens);
        Assert.Contains("the fire brigade is at 112", task.Result, StringComparison.Ordinal);
        var note = Assert.Single(task.Messages, message => message.EventType == "issue.note");
        Assert.Equal("acme", note.MerchantId);
        using var payload = JsonDocument.Parse(note.Payload);
        Assert.Equal("112", payload.RootElement.GetProperty("data").GetProperty("call").GetString());
        Assert.Single(task.Messages, message => message.EventType == "issue.triaged");
        Assert.All(model.Requests, request => Assert.Equal($"Bearer {ModelServer.Key}", request.Authorization));
    }

    [Fact]
    public async Task The_instructions_are_the_playbooks_and_the_event_is_enclosed_data()
    {
        await using var model = await ModelServer.StartAsync("Done.");
        await using var setup = await AgentSetup.StartAsync(stack, model);

        await setup.RunAsync(Issue);

        var request = Assert.Single(model.Requests);
        Assert.Equal(["fetch_url", "read_event", "send_message"], request.Tools, StringComparer.Ordinal);
        Assert.Contains("Say what the issue asks for.", request.Said("system"), StringComparison.Ordinal);
        Assert.DoesNotContain("It burns", request.Said("system"), StringComparison.Ordinal);
        var lines = request.Said("user").Split('\n');
        var boundary = lines[1].Split(' ')[0][1..];
        Assert.Matches("^data-[0-9a-f]{32}$", boundary);
        Assert.Equal($"[{boundary} end]", lines[^1]);
        Assert.Contains("\"title\": \"It burns\"", request.Said("user"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("launch_rocket", "{}", "There is no tool 'launch_rocket'. There are: fetch_url, read_event, send_message.")]
    [InlineData("read_event", "no JSON", "The arguments are not a JSON object.")]
    [InlineData("read_event", "[1]", "The arguments are not a JSON object.")]
    [InlineData("read_event", """{"pointer":"title"}""", "'title' is no JSON pointer: it begins with a slash.")]
    [InlineData("read_event", """{"pointer":"/nothing"}""", "There is nothing at /nothing.")]
    [InlineData("read_event", """{"offset":-1}""", "offset must be from 0 to ")]
    [InlineData("read_event", """{"pointer":{"a":1}}""", "The arguments do not fit: 'pointer' is a text.")]
    [InlineData(
        "read_event", """{"path":"/title"}""",
        "The arguments do not fit: There is no 'path'; the tool has 'pointer', 'offset'.")]
    [InlineData("fetch_url", "{}", "The arguments do not fit: 'url' is missing.")]
    [InlineData(
        "send_message", """{"type":"issue.note","data":{},"merchant_id":"other"}""",
        "The arguments do not fit: There is no 'merchant_id'; the tool has 'type', 'data'.")]
    [InlineData("fetch_url", """{"url":"/etc/passwd"}""", "egress to '' denied; allowed: ['localhost']")]
    [InlineData("fetch_url", """{"url":"https://evil.example.com/steal"}""", "egress to 'evil.example.com' denied; allowed: ['localhost']")]
    [InlineData("send_message", """{"type":"invoice.paid","data":{}}""", "Messages of that type are not allowed; allowed: issue.note.")]
    [InlineData("send_message", """{"type":"issue.note","data":"text"}""", "data must be a JSON object.")]
    public async Task A_bad_call_is_answered_with_an_error_that_the_model_can_read(string tool, string arguments, string error)
    {
        await using var model = await ModelServer.StartAsync(new ModelAnswer(null, (tool, arguments)), "I could not.");
        await using var setup = await AgentSetup.StartAsync(stack, model);

        var task = await setup.RunAsync(Issue);

        Assert.StartsWith(error, task.Steps[2].Content, StringComparison.Ordinal);
        Assert.True(task.Steps[2].Failed);
        Assert.Contains(error, model.Requests.Last().Results[0], StringComparison.Ordinal);
        Assert.Equal("done", (await Tables.JobAsync(setup.Database, task.Id)).State);
        Assert.Equal("issue.triaged", Assert.Single(task.Messages).EventType);
    }

    [Theory]
    [InlineData("Webhooks:Playbooks:triage:Budget:Steps", "4", 4, "The budget of 4 steps is used up.")]
    [InlineData("Webhooks:Playbooks:triage:Budget:Tokens", "100", 9, "The budget of 100 tokens is used up.")]
    public async Task A_task_that_uses_up_its_budget_is_given_up(string key, string value, int steps, string error)
    {
        await using var model = await ModelServer.StartAsync(ModelAnswer.Call("read_event", new { pointer = "" }));
        await using var setup = await AgentSetup.StartAsync(stack, model, (key, value));

        var task = await setup.RunAsync(Issue);

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.Equal(("buried", 1, error), (job.State, job.Attempt, job.LastError));
        Assert.Equal(steps, task.Steps.Count(step => step.Kind is "model" or "tool"));
        Assert.Empty(task.Messages);
    }

    [Fact]
    public async Task A_model_that_takes_longer_than_the_budget_is_cut_off()
    {
        await using var model = await ModelServer.StartAsync(async (_, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            return "never";
        });
        await using var setup = await AgentSetup.StartAsync(stack, model, ("Webhooks:Playbooks:triage:Budget:Seconds", "1"));

        var task = await setup.RunAsync(Issue);

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.Equal(("buried", 1, "The budget of 1 seconds is used up."), (job.State, job.Attempt, job.LastError));
    }

    [Fact]
    public async Task A_server_that_does_not_count_tokens_is_counted_by_characters()
    {
        await using var model = await ModelServer.StartAsync(new ModelAnswer("Twelve chars") { Tokens = null });
        await using var setup = await AgentSetup.StartAsync(stack, model);

        var task = await setup.RunAsync(Issue);

        Assert.Equal(3, task.Steps[1].OutputTokens);
        Assert.InRange(task.Steps[1].InputTokens, 200, 2000);
    }

    [Fact]
    public async Task After_a_failed_question_the_task_goes_on_behind_its_last_step()
    {
        var asked = 0;
        await using var model = await ModelServer.StartAsync(request => Interlocked.Increment(ref asked) switch
        {
            1 => ModelAnswer.Call("send_message", new { type = "issue.note", data = new { n = 1 } }),
            2 => new ModelAnswer(null) { Status = 500 },
            _ => "Sent once.",
        });
        await using var setup = await AgentSetup.StartAsync(stack, model);

        var task = await setup.RunAsync(Issue);

        Assert.Equal(
            ("done", 2),
            ((await Tables.JobAsync(setup.Database, task.Id)).State, (await Tables.JobAsync(setup.Database, task.Id)).Attempt));
        Assert.Equal(
            ["prompt", "model", "tool", "model", "result"], task.Steps.Select(step => step.Kind), StringComparer.Ordinal);
        Assert.Single(task.Messages, message => message.EventType == "issue.note");
    }

    [Fact]
    public async Task A_large_payload_is_shown_in_part_and_read_on_by_pointer_and_offset()
    {
        var text = new StringBuilder();
        for (var line = 0; text.Length < 40_000; line++)
        {
            text.Append($"line {line} 😀, ");
        }

        await using var model = await ModelServer.StartAsync(
            ModelAnswer.Call("read_event", new { pointer = "/issue/body", offset = 8_000 }),
            "Read.");
        await using var setup = await AgentSetup.StartAsync(stack, model);

        var task = await setup.RunAsync(JsonSerializer.Serialize(new { issue = new { body = text.ToString() } }));

        Assert.Contains(
            "of which the first 16000 are shown. Read the others with read_event.", model.Requests.First().Said("user"),
            StringComparison.Ordinal);
        Assert.Contains("characters in all; continue at offset 16", task.Steps[2].Content, StringComparison.Ordinal);
        Assert.InRange(task.Steps[2].Content.Length, 8_000, 8_100);
    }
}
