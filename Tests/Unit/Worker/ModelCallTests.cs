using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Worker.Agents;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Tests.Unit.Worker;

/// <summary>What is made of the answers of any chat client.</summary>
public sealed class ModelCallTests
{
    [Theory]
    [InlineData(7L, 7L)]
    [InlineData(0L, 0L)]
    [InlineData(-1L, 2L)]
    [InlineData(long.MinValue, 2L)]
    [InlineData(null, 2L)]
    [InlineData(long.MaxValue, (long)int.MaxValue)]
    public async Task Tokens_are_counted_as_far_as_they_can_be_stored_and_added_up(long? said, long counted)
    {
        var step = await AskAsync(new(Said("It burns")) { Usage = new() { OutputTokenCount = said } });

        Assert.Equal(counted, step.OutputTokens);
        Assert.True(Spending.Of([.. Enumerable.Repeat(step, 500)]).Tokens >= 0);
    }

    [Fact]
    public async Task Reasoning_is_no_part_of_a_step_and_no_answer_by_itself()
    {
        var answer = Said("<think>hm</think>It burns");
        answer.Contents.Insert(0, new TextReasoningContent("hm"));
        var step = await AskAsync(new(answer));
        Assert.Equal("It burns", step.Content);

        var nothing = new ChatResponse(Said("<think>hm</think>")) { FinishReason = ChatFinishReason.Length };
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(nothing));
        Assert.Equal("The model answered with neither text nor a tool call (length).", exception.Message);
    }

    private static ChatMessage Said(string text) => new(ChatRole.Assistant, text);

    private static Task<TaskStep> AskAsync(ChatResponse response)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        var about = new WebhookEvent(Guid.Empty, "github", "1", "issues", "application/json", headers, "{}"u8.ToArray());
        var prompt = new AgentPrompt("system", "user", "boundary");
        return new ModelCalls(new Redactor([]), TimeProvider.System).AskAsync(
            new Answering(response), prompt, [], about, [], TestContext.Current.CancellationToken);
    }

    private sealed class Answering(ChatResponse response) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(response);

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
