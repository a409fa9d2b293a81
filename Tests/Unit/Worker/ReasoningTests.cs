using Aspire.Webhooks.Worker.Agents;

namespace Aspire.Webhooks.Tests.Unit.Worker;

public sealed class ReasoningTests
{
    [Theory]
    [InlineData("<think>hm</think>Done.", "Done.")]
    [InlineData("<think>\n\n</think>\n\nDone.", "Done.")]
    [InlineData("\n<THINK>hm\n</THINK>\nDone.\n", "Done.")]
    [InlineData("<thinking>hm</thinking>Done.", "Done.")]
    [InlineData("<thought>hm</thought>Done.", "Done.")]
    [InlineData("<reasoning>hm</reasoning>Done.", "Done.")]
    [InlineData("[THINK]hm[/THINK]Done.", "Done.")]
    [InlineData("It burns.<think>hm</think> Call 112.", "It burns. Call 112.")]
    [InlineData("<think>a</think>It burns.<think>b</think> Call 112.", "It burns. Call 112.")]
    [InlineData("<think>a<think>b</think>c</think>Done.", "Done.")]
    [InlineData("<think>a<think>b</think>Done.", "Done.")]
    [InlineData("hm\n</think>\n\nDone.", "Done.")]
    [InlineData("hm</think>Done.", "Done.")]
    [InlineData("<think>a</think>b</think>Done.", "Done.")]
    [InlineData("Done.\n<think>Is there more", "Done.")]
    [InlineData("<think>It burns, so", "")]
    [InlineData("<think>It burns.</think>", "")]
    public void Reasoning_is_taken_out(string text, string kept) => Assert.Equal(kept, Reasoning.Remove(text));

    [Theory]
    [InlineData("  Done.\n")]
    [InlineData("I think <b>it</b> burns.")]
    [InlineData("The page shows <think> to its readers.")]
    [InlineData("The page shows `<think>` and `</think>` to its readers.")]
    [InlineData("The page shows \"</think>\" to its readers.")]
    [InlineData("Think [thinking] about it.")]
    public void What_is_no_reasoning_stays(string text) => Assert.Equal(text, Reasoning.Remove(text));

    [Fact]
    public void A_hundred_thousand_marks_take_no_time_to_speak_of() =>
        Assert.Equal("", Reasoning.Remove(string.Concat(Enumerable.Repeat("<think>", 100_000))));
}
