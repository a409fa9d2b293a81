using System.Text.Json;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Calls a model and returns its answer as a step. The answer is redacted before any other use.</summary>
public sealed class ModelCalls(Redactor redactor, TimeProvider time)
{
    /// <summary>The number of characters of an answer that are kept.</summary>
    public const int MaxText = 32_000;

    // The longest name of a function that servers accept.
    private const int MaxName = 64;

    /// <summary>Calls the model once.</summary>
    /// <param name="steps">The steps so far. The position of the new step follows theirs.</param>
    public async Task<TaskStep> AskAsync(
        IChatClient client, AgentPrompt prompt, IReadOnlyList<TaskStep> steps, WebhookEvent webhookEvent,
        IReadOnlyList<AIFunction> tools, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var options = new ChatOptions
        {
            Tools = [.. tools], AdditionalProperties = new() { [RulesChatClient.EventProperty] = webhookEvent },
        };
        var messages = Conversation.Of(prompt, steps);
        var response = await client.GetResponseAsync(messages, options, cancellationToken);
        return ToStep(steps.Count, response, messages) with { Duration = time.GetElapsedTime(start) };
    }

    private TaskStep ToStep(int position, ChatResponse response, IReadOnlyList<ChatMessage> asked)
    {
        var text = StorableText.CodePoints(StorableText.Redacted(Reasoning.Remove(response.Text), redactor.Redact), MaxText);
        var contents = response.Messages.SelectMany(message => message.Contents);
        var calls = contents.OfType<FunctionCallContent>().Select(ToCall).ToList();
        if (string.IsNullOrWhiteSpace(text) && calls.Count == 0)
        {
            // An empty answer is not a result: a filter removed the text, or reasoning used all tokens.
            throw new InvalidOperationException(
                $"The model answered with neither text nor a tool call ({response.FinishReason?.Value ?? "no reason given"}).");
        }

        IReadOnlyDictionary<string, string>? facts = null;
        response.AdditionalProperties?.TryGetValue(RulesChatClient.FactsProperty, out facts);
        return new(position, StepKind.Model, text)
        {
            Data = TaskStep.ToData(new ModelData(calls, facts is null ? null : AgentResult.RedactedFacts(facts, redactor))),
            InputTokens = Counted(response.Usage?.InputTokenCount)
                ?? Estimate(asked.Sum(message => message.Contents.Sum(Length))),
            OutputTokens = Counted(response.Usage?.OutputTokenCount)
                ?? Estimate(text.Length + calls.Sum(call => call.Arguments?.Length ?? 0)),
        };
    }

    private ToolCall ToCall(FunctionCallContent call) => new(FunctionName(redactor.Redact(call.Name)), Arguments(call));

    private string? Arguments(FunctionCallContent call)
    {
        if (call.Exception is not null || call.Arguments is null)
        {
            return null;
        }

        try
        {
            var arguments = call.Arguments.ToDictionary(
                argument => argument.Key,
                argument => argument.Value is JsonElement value ? PayloadJson.WellFormed(value) : argument.Value,
                StringComparer.Ordinal);
            return RedactedJson.Write(JsonSerializer.SerializeToElement(arguments), redactor) is ['{', ..]
                and var json ? json : null;
        }
        catch (Exception exception) when (
            exception is InvalidOperationException or ArgumentException or JsonException or NotSupportedException)
        {
            // The arguments of a custom client may not be JSON at all.
            return null;
        }
    }

    // The name is shown to people and to the model outside of enclosed data. Servers refuse conversations with names that
    // functions cannot have, which for OpenAI are all that do not match ^[a-zA-Z0-9_-]{1,64}$.
    private static string FunctionName(string name) => name.Length == 0
        ? "_"
        : string.Concat(
            name.Take(MaxName)
                .Select(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' ? character : '_'));

    // Negative counts are ignored. The upper limit exceeds every budget, and prevents overflow of a task's sum.
    private static long? Counted(long? tokens) => tokens >= 0 ? Math.Min(tokens.Value, int.MaxValue) : null;

    // Estimates the tokens where the server does not count them: one per four characters.
    private static long Estimate(int characters) => (characters + 3) / 4;

    private static int Length(AIContent content) => content switch
    {
        TextContent text => text.Text.Length,
        FunctionResultContent result => result.Result?.ToString()?.Length ?? 0,
        FunctionCallContent call =>
            call.Name.Length + (call.Arguments is null ? 0 : JsonSerializer.Serialize(call.Arguments).Length),
        _ => 0,
    };
}
