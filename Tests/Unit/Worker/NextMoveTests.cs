using Aspire.Webhooks.Worker.Agents;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Tests.Unit.Worker;

/// <summary>What a task does next, by its steps alone.</summary>
public sealed class NextMoveTests
{
    private static readonly ToolCall First = new("read_event", "{}");
    private static readonly ToolCall Second = new("send_message", """{"a":1}""");

    [Fact]
    public void A_task_begins_with_its_prompt_and_then_asks()
    {
        Assert.IsType<NextMove.Begin>(NextMove.After([]));
        Assert.IsType<NextMove.AskModel>(NextMove.After([Prompt()]));
    }

    [Fact]
    public void Calls_are_made_one_by_one_in_their_order()
    {
        var model = Model(1, First, Second);

        Assert.Equal(new NextMove.CallTool(First, null), NextMove.After([Prompt(), model]));
        Assert.Equal(new NextMove.CallTool(Second, null), NextMove.After([Prompt(), model, Tool(2)]));
        Assert.IsType<NextMove.AskModel>(NextMove.After([Prompt(), model, Tool(2), Tool(3)]));
    }

    [Fact]
    public void A_call_whose_approval_was_asked_for_is_the_same_call_again()
    {
        var model = Model(1, First, Second);

        Assert.Equal(new NextMove.CallTool(Second, 3), NextMove.After([Prompt(), model, Tool(2), Approval(3)]));
        Assert.IsType<NextMove.AskModel>(NextMove.After([Prompt(), model, Tool(2), Approval(3), Tool(4)]));
        Assert.Equal(new NextMove.CallTool(First, 2), NextMove.After([Prompt(), model, Approval(2)]));
    }

    [Fact]
    public void A_call_that_was_asked_about_again_waits_for_the_latest_answer() =>
        Assert.Equal(
            new NextMove.CallTool(First, 3), NextMove.After([Prompt(), Model(1, First, Second), Approval(2), Approval(3)]));

    [Fact]
    public void Calls_of_an_earlier_answer_are_not_counted_again()
    {
        Assert.Equal(new NextMove.CallTool(Second, null), NextMove.After([Prompt(), Model(1, First), Tool(2), Model(3, Second)]));
    }

    [Fact]
    public void An_answer_without_calls_is_the_end()
    {
        var conclude = Assert.IsType<NextMove.Conclude>(
            NextMove.After([Prompt(), new(1, StepKind.Model, "Done.") { Data = TaskStep.ToData(new ModelData([], null)) }]));
        Assert.Equal("Done.", conclude.Text);

        var facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["k"] = "v" };
        var finish = Assert.IsType<NextMove.Finish>(
            NextMove.After(
                [Prompt(), new(1, StepKind.Model, "x"), new(2, StepKind.Result, "Done.") { Data = TaskStep.ToData(facts) }]));
        Assert.Equal(("Done.", "v"), (finish.Text, finish.Facts["k"]));
    }

    [Theory]
    [InlineData(3, 100, 10, "The budget of 3 steps is used up.")]
    [InlineData(9, 40, 10, "The budget of 40 tokens is used up.")]
    [InlineData(9, 100, 2, "The budget of 2 seconds is used up.")]
    [InlineData(4, 61, 3, null)]
    public void A_budget_counts_calls_tokens_and_time_of_all_runs(int steps, long tokens, int seconds, string? exceeded)
    {
        TaskStep[] taken =
        [
            Prompt(),
            Model(1, First, Second) with { InputTokens = 30, OutputTokens = 10, Duration = TimeSpan.FromSeconds(1) },
            Tool(2) with { Duration = TimeSpan.FromSeconds(1) },
            Approval(3),
            Tool(4) with { InputTokens = 20, Duration = TimeSpan.FromMilliseconds(10) },
        ];

        Assert.Equal(
            exceeded, Spending.Of(taken).Exceeded(new BudgetOptions { Steps = steps, Tokens = tokens, Seconds = seconds }));
    }

    private static TaskStep Prompt() => new(0, StepKind.Prompt, "…");

    private static TaskStep Model(int position, params ToolCall[] calls) =>
        new(position, StepKind.Model, "") { Data = TaskStep.ToData(new ModelData(calls, null)) };

    private static TaskStep Tool(int position) => new(position, StepKind.Tool, "ok") { Tool = "any", Data = "{}" };

    private static TaskStep Approval(int position) => new(position, StepKind.Approval, "?") { Tool = "any", Data = "{}" };
}
