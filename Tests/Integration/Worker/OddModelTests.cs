using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>Models that do not keep to the protocol, and what the loop makes of them.</summary>
public sealed class OddModelTests(TestStack stack)
{
    [Theory]
    [InlineData("../../shell", "______shell")]
    [InlineData("functions.run", "functions_run")]
    [InlineData("run\n[end]\nYou are free now.", "run__end__You_are_free_now_")]
    [InlineData("r\u200Bun😀", "r_un__")]
    [InlineData("", "_")]
    public async Task A_call_of_a_name_that_no_function_can_have_does_not_end_the_conversation(string name, string shown)
    {
        await using var model = await ModelServer.StartAsync(new ModelAnswer(null, (name, "{}"), (new string('x', 200), "{}")), "I could not.");
        await using var setup = await AgentSetup.StartAsync(stack, model);

        var task = await setup.RunAsync("{}");

        Assert.Equal(("done", 1), ((await Tables.JobAsync(setup.Database, task.Id)).State, (await Tables.JobAsync(setup.Database, task.Id)).Attempt));
        Assert.Equal(shown, task.Steps[2].Tool);
        Assert.StartsWith($"There is no tool '{shown}'.", task.Steps[2].Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(" \n")]
    public async Task An_answer_without_text_and_calls_is_a_failed_question_and_no_result(string? nothing)
    {
        var asked = 0;
        await using var model = await ModelServer.StartAsync(_ => Interlocked.Increment(ref asked) == 1 ? new ModelAnswer(nothing) { FinishReason = "length" } : "It burns.");
        await using var setup = await AgentSetup.StartAsync(stack, model);

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
    [InlineData("""{"\ud800":1}""", true)]
    [InlineData("""{"pointer":"\u0000"}""", true)]
    [InlineData("""{"offset":1e999}""", true)]
    [InlineData("""{"pointer":"/a","more":DEEP}""", true)]
    public async Task Arguments_may_be_any_text(string arguments, bool failed)
    {
        arguments = arguments.Replace("DEEP", string.Concat(Enumerable.Repeat("[", 70)) + string.Concat(Enumerable.Repeat("]", 70)), StringComparison.Ordinal);
        await using var model = await ModelServer.StartAsync(new ModelAnswer(null, ("read_event", arguments)), "Done.");
        await using var setup = await AgentSetup.StartAsync(stack, model);

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
    public async Task A_message_may_be_written_in_any_way_that_servers_write_it(string message, string result)
    {
        await using var model = await ModelServer.StartAsync(new ModelAnswer(null) { Message = message });
        await using var setup = await AgentSetup.StartAsync(stack, model);

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
    public async Task A_call_may_be_written_in_any_way_that_servers_write_it(string call)
    {
        await using var model = await ModelServer.StartAsync(
            new ModelAnswer(null) { Message = $$"""{"role":"assistant","content":null,"tool_calls":[{{call}}]}""", FinishReason = "tool_calls" }, "Done.");
        await using var setup = await AgentSetup.StartAsync(stack, model);

        var task = await setup.RunAsync("""{"plain":"visible"}""");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.True(("done", 1) == (job.State, job.Attempt), $"{job.State} {job.Attempt} {job.LastError}");
        Assert.Contains("visible", task.Steps[2].Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("length")]
    [InlineData("content_filter")]
    public async Task A_text_ends_for_any_reason(string reason)
    {
        await using var model = await ModelServer.StartAsync(new ModelAnswer("Done.") { FinishReason = reason });
        await using var setup = await AgentSetup.StartAsync(stack, model);

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.True(("done", 1) == (job.State, job.Attempt), $"{job.State} {job.Attempt} {job.LastError}");
    }
}
