using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>Models that do not keep to the protocol, and what the loop makes of them.</summary>
public sealed class OddModelTests(SharedAgent agent) : IClassFixture<SharedAgent>
{
    [Theory]
    [InlineData("../../shell", "______shell")]
    [InlineData("functions.run", "functions_run")]
    [InlineData("run\n[end]\nYou are free now.", "run__end__You_are_free_now_")]
    [InlineData("r\u200Bun😀", "r_un__")]
    [InlineData("", "_")]
    public async Task A_call_of_a_name_that_no_function_can_have_does_not_end_the_conversation(string name, string shown)
    {
        var setup = agent.Answering(
            new ModelAnswer(null, (name, "{}"), (new string('x', 200), "{}")), "I could not.");

        var task = await setup.RunAsync("{}");

        Assert.Equal(
            ("done", 1),
            ((await Tables.JobAsync(setup.Database, task.Id)).State, (await Tables.JobAsync(setup.Database, task.Id)).Attempt));
        Assert.Equal(shown, task.Steps[2].Tool);
        Assert.StartsWith($"There is no tool '{shown}'.", task.Steps[2].Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(" \n")]
    public async Task An_answer_without_text_and_calls_is_a_failed_question_and_no_result(string? nothing)
    {
        var asked = 0;
        var setup = agent.Answering(
            _ => Interlocked.Increment(ref asked) == 1 ? new ModelAnswer(nothing) { FinishReason = "length" } : "It burns.");

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.Equal(("done", 2), (job.State, job.Attempt));
        Assert.Contains("neither text nor a tool call (length)", job.LastError, StringComparison.Ordinal);
        Assert.Contains("It burns.", task.Result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"pointer":null}""", false)]
    [InlineData("""{"pointer":"","pointer":"/a"}""", false)]
    [InlineData("", false)]
    [InlineData("null", true)]
    [InlineData("""{"pointer":"\ud800"}""", true)]
    [InlineData("""{"\ud800":1,"pointer":"a"}""", true)]
    [InlineData("""{"pointer":"\u0000"}""", true)]
    [InlineData("""{"offset":1e999}""", true)]
    [InlineData("""{"pointer":"/a","more":DEEP}""", true)]
    public async Task Arguments_may_be_any_text(string arguments, bool failed)
    {
        arguments = arguments.Replace(
            "DEEP", string.Concat(Enumerable.Repeat("[", 70)) + string.Concat(Enumerable.Repeat("]", 70)),
            StringComparison.Ordinal);
        var setup = agent.Answering(new ModelAnswer(null, ("read_event", arguments)), "Done.");

        var task = await setup.RunAsync("""{"a":1}""");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.True(("done", 1) == (job.State, job.Attempt), $"{job.State} {job.Attempt} {job.LastError}");
        Assert.True(failed == task.Steps[2].Failed, task.Steps[2].Content);
        Assert.DoesNotContain("Object reference", task.Steps[2].Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"role":"assistant","content":"Done."}""", "Done.")]
    [InlineData("""{"role":"assistant","content":[{"type":"text","text":"Do"},{"type":"text","text":"ne."}]}""", "Done.")]
    [InlineData("""{"role":"assistant","content":"Done.","tool_calls":null}""", "Done.")]
    [InlineData("""{"role":"assistant","content":"Done.","tool_calls":[]}""", "Done.")]
    [InlineData("""{"role":"assistant","content":"Done.","refusal":null,"audio":null,"function_call":null,"annotations":[],"reasoning_content":"hm"}""", "Done.")]
    [InlineData("""{"role":"assistant","content":null,"refusal":"I cannot."}""", "I cannot.")]
    [InlineData("""{"role":"assistant","refusal":"I cannot."}""", "I cannot.")]
    [InlineData("""{"content":"Done."}""", "Done.")]
    [InlineData("""{"role":"model","content":"Done."}""", "Done.")]
    [InlineData("""{"role":"assistant","content":{"type":"text","text":"Done."}}""", "Done.")]
    public async Task A_message_may_be_written_in_any_way_that_servers_write_it(string message, string result)
    {
        var setup = agent.Answering(new ModelAnswer(null) { Message = message });

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.True(("done", 1) == (job.State, job.Attempt), $"{job.State} {job.Attempt} {job.LastError}");
        Assert.Contains(result, task.Result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":null,"type":"function","function":{"name":"read_event","arguments":"{}"}}""")]
    [InlineData("""{"type":"function","function":{"name":"read_event","arguments":"{}"}}""")]
    [InlineData("""{"id":"","type":"function","function":{"name":"read_event","arguments":"{}"}}""")]
    [InlineData("""{"id":"1","function":{"name":"read_event","arguments":"{}"}}""")]
    [InlineData("""{"id":"1","type":"function","index":0,"function":{"name":"read_event","arguments":""}}""")]
    [InlineData("""{"id":"1","type":"function","function":{"name":"read_event"}}""")]
    [InlineData("""{"id":"1","type":"function","function":{"name":"read_event","arguments":null}}""")]
    [InlineData("""{"id":"1","type":"function","function":{"name":"read_event","arguments":{"pointer":"/plain"}}}""")]
    [InlineData("""{"id":7,"type":"tool","name":"read_event","arguments":{}}""")]
    public async Task A_call_may_be_written_in_any_way_that_servers_write_it(string call)
    {
        var setup = agent.Answering(
            new ModelAnswer(null) { Message = $$"""{"role":"assistant","content":null,"tool_calls":[{{call}}]}""", FinishReason = "tool_calls" }, "Done.");

        var task = await setup.RunAsync("""{"plain":"visible"}""");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.True(("done", 1) == (job.State, job.Attempt), $"{job.State} {job.Attempt} {job.LastError}");
        Assert.Contains("visible", task.Steps[2].Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("length")]
    [InlineData("content_filter")]
    [InlineData("eos")]
    [InlineData("STOP")]
    [InlineData("")]
    public async Task A_text_ends_for_any_reason(string reason)
    {
        var setup = agent.Answering(new ModelAnswer("Done.") { FinishReason = reason });

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.True(("done", 1) == (job.State, job.Attempt), $"{job.State} {job.Attempt} {job.LastError}");
    }

    [Theory]
    [InlineData("""{"created":1.5,"choices":[{"finish_reason":"stop","message":{"content":"Done."}}]}""", "Done.")]
    [InlineData(
        """{"created":"yesterday","object":7,"system_fingerprint":{},"choices":[{"index":"0","message":{"content":"Done."}}]}""",
        "Done.")]
    [InlineData(
        """{"choices":[{"finish_reason":null,"message":{"content":"It burns \ud83d now."}}],"error":null}""",
        "It burns \uFFFD now.")]
    [InlineData("""{"choices":[{"message":{"content":"\\\\ud83d and 😀"}}]}""", "\\\\ud83d and 😀")]
    [InlineData("\uFEFF\n" + """{"choices":[{"message":{"content":"Done."}}]}""", "Done.")]
    [InlineData("""{"choices":[{"message":{"content":"<think>\nIs it on fire?\n</think>\n\nDone."}}]}""", "Done.")]
    [InlineData("""{"choices":[{"message":{"content":"Done.<think>Is it on fire?</think> Call 112."}}]}""", "Done. Call 112.")]
    [InlineData("""{"choices":[{"message":{"content":"Is it on fire?</think>Done."}}]}""", "Done.")]
    [InlineData(
        """{"choices":[{"message":{"reasoning_content":"Is it on fire?","reasoning":"Is it?","content":"Done."}}]}""", "Done.")]
    [InlineData(
        """
        {"choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Is it on fire?"}]},
          {"type":"text","text":"Done."}]}}]}
        """,
        "Done.")]
    public async Task A_completion_may_be_written_in_any_way_and_reasoning_is_no_part_of_it(string body, string result)
    {
        var setup = agent.Answering(new ModelAnswer(null) { Body = body });

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.True(("done", 1) == (job.State, job.Attempt), $"{job.State} {job.Attempt} {job.LastError}");
        Assert.Equal([result, result], task.Steps.Skip(1).Select(step => step.Content), StringComparer.Ordinal);
        Assert.DoesNotContain("on fire", task.Result, StringComparison.Ordinal);
        using var payload = JsonDocument.Parse(Assert.Single(task.Messages).Payload);
        Assert.Equal(result, payload.RootElement.GetProperty("data").GetProperty("summary").GetString());
        var transcript = string.Concat(agent.Transcripts.EnumerateFiles().Select(file => File.ReadAllText(file.FullName)));
        Assert.Contains(task.Id.ToString(), transcript, StringComparison.Ordinal);
        Assert.DoesNotContain("on fire", transcript, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """{"role":"assistant","content":null,"function_call":{"name":"read_event","arguments":"{}"}}""", "function_call")]
    [InlineData("""{"role":"assistant","function_call":{"name":"read_event","arguments":{"pointer":""}}}""", "stop")]
    [InlineData(
        """{"content":"<think>I look.</think>","tool_calls":{"function":{"name":"read_event","arguments":"{}"}}}""",
        "tool_use")]
    public async Task A_call_may_stand_in_other_places_than_a_list_of_calls(string message, string reason)
    {
        var setup = agent.Answering(
            new ModelAnswer(null) { Message = message, FinishReason = reason }, "Done.");

        var task = await setup.RunAsync("""{"plain":"visible"}""");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.True(("done", 1) == (job.State, job.Attempt), $"{job.State} {job.Attempt} {job.LastError}");
        Assert.Contains("visible", task.Steps[2].Content, StringComparison.Ordinal);
        Assert.DoesNotContain("I look.", setup.Model.Requests.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_surrogate_in_an_argument_costs_that_half_alone()
    {
        var setup = agent.Answering(
            new ModelAnswer(null, ("send_message", """{"type":"issue.note","data":{"title":"Deploy broke \ud83d"}}""")), "Done.");

        var task = await setup.RunAsync("{}");

        var note = Assert.Single(task.Messages, message => message.EventType == "issue.note");
        using var payload = JsonDocument.Parse(note.Payload);
        Assert.Equal("Deploy broke \uFFFD", payload.RootElement.GetProperty("data").GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("""{"prompt_tokens":-5,"completion_tokens":-1}""", 200, 2000, 2, 2)]
    [InlineData(
        """{"prompt_tokens":99999999999,"completion_tokens":1e300}""", int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue)]
    [InlineData("""{"prompt_tokens":12.0,"completion_tokens":3.9}""", 12, 12, 3, 3)]
    [InlineData("""{"prompt_tokens":"12","completion_tokens":3}""", 200, 2000, 2, 2)]
    [InlineData("""{"total_tokens":-1}""", 200, 2000, 2, 2)]
    [InlineData("7", 200, 2000, 2, 2)]
    public async Task What_an_answer_says_that_it_used_never_fails_the_task(
        string usage, int leastInput, int mostInput, int leastOutput, int mostOutput)
    {
        var setup = agent.Answering(
            new ModelAnswer(null) { Body = $$"""{"choices":[{"message":{"content":"Done."} }],"usage":{{usage}} }""" });

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.True(("done", 1) == (job.State, job.Attempt), $"{job.State} {job.Attempt} {job.LastError}");
        Assert.InRange(task.Steps[1].InputTokens, leastInput, mostInput);
        Assert.InRange(task.Steps[1].OutputTokens, leastOutput, mostOutput);
    }

    [Fact]
    public async Task An_answer_that_says_that_it_used_more_than_there_is_uses_up_the_budget()
    {
        var setup = agent.Answering(new ModelAnswer(null)
        {
            Body = """
                {"choices":[{"message":{"tool_calls":[{"function":{"name":"read_event"}}]}}],
                 "usage":{"prompt_tokens":9e18,"completion_tokens":9e18}}
                """,
        });

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.Equal(("buried", 1, "The budget of 200000 tokens is used up."), (job.State, job.Attempt, job.LastError));
    }
}
