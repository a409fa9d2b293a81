using System.Text.Json;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Prompts;
using Aspire.Webhooks.Worker.Steps;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Worker.Agent;

/// <summary>Asks a model once, and makes of its answer a step: redacted before anything else is done with it.</summary>
public sealed class ModelCalls(Redactor redactor, TimeProvider time)
{
    /// <summary>How much of an answer is kept, in characters.</summary>
    public const int MaxText = 32_000;

    // The longest name of a function that servers take.
    private const int MaxName = 64;

    /// <summary>Asks; the step goes behind those that are there.</summary>
    public async Task<TaskStep> AskAsync(
        IChatClient client, AgentPrompt prompt, IReadOnlyList<TaskStep> steps, WebhookEvent webhookEvent, IReadOnlyList<AIFunction> tools, CancellationToken cancellationToken)
    {
        var metadata = client.GetService<ChatClientMetadata>();
        var start = time.GetTimestamp();
        using var activity = AgentTelemetry.StartChat(metadata);
        try
        {
            var options = new ChatOptions { Tools = [.. tools], AdditionalProperties = new() { [RulesChatClient.EventProperty] = webhookEvent } };
            var messages = Conversation.Of(prompt, steps);
            var response = await client.GetResponseAsync(messages, options, cancellationToken);
            var elapsed = time.GetElapsedTime(start);
            ThrowIfNothing(response);
            var step = ToStep(steps.Count, response, messages) with { Duration = elapsed };
            AgentTelemetry.Answered(activity, metadata, response, step);
            AgentTelemetry.Took(metadata, elapsed, null);
            return step;
        }
        catch (Exception exception)
        {
            AgentTelemetry.Failed(activity, exception);
            AgentTelemetry.Took(metadata, time.GetElapsedTime(start), exception);
            throw;
        }
    }

    // Nothing is no result: a filter took it, or all tokens went into thinking.
    private static void ThrowIfNothing(ChatResponse response)
    {
        if (string.IsNullOrWhiteSpace(response.Text) && !response.Messages.Any(message => message.Contents.OfType<FunctionCallContent>().Any()))
        {
            throw new InvalidOperationException($"The model answered with neither text nor a tool call ({response.FinishReason?.Value ?? "no reason given"}).");
        }
    }

    private TaskStep ToStep(int position, ChatResponse response, IReadOnlyList<ChatMessage> asked)
    {
        var text = StorableText.Chars(StorableText.Redacted(response.Text, redactor.Redact), MaxText);
        var calls = response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(ToCall).ToList();
        IReadOnlyDictionary<string, string>? facts = null;
        response.AdditionalProperties?.TryGetValue(RulesChatClient.FactsProperty, out facts);
        return new(position, StepKind.Model, text)
        {
            Data = TaskStep.ToData(new ModelData(calls, facts is null ? null : AgentResult.RedactedFacts(facts, redactor))),
            InputTokens = response.Usage?.InputTokenCount ?? Estimate(asked.Sum(message => message.Contents.Sum(Length))),
            OutputTokens = response.Usage?.OutputTokenCount ?? Estimate(text.Length + calls.Sum(call => call.Arguments?.Length ?? 0)),
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
            return RedactedJson.Write(JsonSerializer.SerializeToElement(call.Arguments), redactor) is ['{', ..] and var json ? json : null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or JsonException or NotSupportedException)
        {
            // Half of a surrogate pair is JSON's grammar, but no text; a client of one's own may give what is no JSON at all.
            return null;
        }
    }

    // The name is quoted to people and to the model, outside of what is enclosed as data, and servers refuse each conversation with
    // another than they allow to functions: OpenAI's ^[a-zA-Z0-9_-]{1,64}$.
    private static string FunctionName(string name) => name.Length == 0
        ? "_"
        : string.Concat(name.Take(MaxName).Select(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' ? character : '_'));

    // Servers that do not count: a token is about four characters.
    private static long Estimate(int characters) => (characters + 3) / 4;

    private static int Length(AIContent content) => content switch
    {
        TextContent text => text.Text.Length,
        FunctionResultContent result => result.Result?.ToString()?.Length ?? 0,
        FunctionCallContent call => call.Name.Length + (call.Arguments is null ? 0 : JsonSerializer.Serialize(call.Arguments).Length),
        _ => 0,
    };
}
