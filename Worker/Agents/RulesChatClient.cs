using Aspire.Webhooks.Listeners;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Runs <see cref="RulesAgent"/> behind the interface of models. It reads the event and not the prompt, so it cannot follow
/// instructions in the text.
/// </summary>
public sealed class RulesChatClient : IChatClient
{
    /// <summary>
    /// The key of the task's <see cref="WebhookEvent"/> in <see cref="ChatOptions.AdditionalProperties"/>.
    /// </summary>
    public const string EventProperty = "webhook.event";

    /// <summary>
    /// The key of the facts, a dictionary of strings, in <see cref="ChatResponse.AdditionalProperties"/>.
    /// </summary>
    public const string FactsProperty = "webhook.facts";

    private static readonly ChatClientMetadata Metadata = new("aspire.webhooks", defaultModelId: RulesAgent.Name);

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (options?.AdditionalProperties?.TryGetValue<WebhookEvent>(EventProperty, out var webhookEvent) != true)
        {
            throw new InvalidOperationException($"The options have no {EventProperty}.");
        }

        var result = RulesAgent.Run(webhookEvent!);
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, result.Summary))
        {
            FinishReason = ChatFinishReason.Stop,
            ModelId = RulesAgent.Name,
            Usage = new() { InputTokenCount = 0, OutputTokenCount = 0 },
            AdditionalProperties = new() { [FactsProperty] = result.Facts },
        });
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(ChatClientMetadata) ? Metadata
        : serviceKey is null && serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose()
    {
        // There is nothing to dispose.
    }
}
