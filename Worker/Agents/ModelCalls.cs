using System.Text.Json;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Asks a model once, and makes of its answer a step: redacted before anything else is done with it.</summary>
public sealed class ModelCalls(Redactor redactor, TimeProvider time)
{
    /// <summary>How much of an answer is kept, in characters.</summary>
    public const int MaxText = 32_000;

    // The longest name of a function that servers take.
    private const int MaxName = 64;

    /// <summary>Asks; the step goes behind those that are there.</summary>
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
        var text = StorableText.Chars(StorableText.Redacted(Reasoning.Remove(response.Text), redactor.Redact), MaxText);
        var contents = response.Messages.SelectMany(message => message.Contents);
        var calls = contents.OfType<FunctionCallContent>().Select(ToCall).ToList();
        if (string.IsNullOrWhiteSpace(text) && calls.Count == 0)
        {
            // Nothing is no result: a filter took it, or all tokens went into reasoning.
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
            // A client of one's own may give what is no JSON at all.
            return null;
        }
    }

    // The name is quoted to people and to the model, outside of what is enclosed as data, and servers refuse each
    // conversation with another than they allow to functions: OpenAI's ^[a-zA-Z0-9_-]{1,64}$.
    private static string FunctionName(string name) => name.Length == 0
        ? "_"
        : string.Concat(
            name.Take(MaxName)
                .Select(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' ? character : '_'));

    // Less than none is not counted. The most is beyond every budget; more could overflow the sum of a task's.
    private static long? Counted(long? tokens) => tokens >= 0 ? Math.Min(tokens.Value, int.MaxValue) : null;

    // Servers that do not count: a token is about four characters.
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
