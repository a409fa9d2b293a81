using System.Text.Json;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Messages;

namespace Aspire.Webhooks.Api;

/// <summary>An agent task with its result, messages and deliveries.</summary>
/// <param name="Agent">The agent that runs it: that of the playbook, or the name of the external agent that claimed it.</param>
/// <param name="State"><c>pending</c>, <c>running</c>, <c>awaiting_approval</c>, <c>completed</c>, <c>buried</c> or
/// <c>cancelled</c>.</param>
/// <param name="Attempts">The number of its attempts.</param>
/// <param name="DueAt">The time from which it may start, or until which it waits for a decision; null when it runs or has
/// ended.</param>
/// <param name="LeaseUntil">The end of the current lease unless it is renewed; null when nobody holds one.</param>
/// <param name="TraceId">The W3C trace id of its event.</param>
/// <param name="Tokens">The tokens that its model calls used.</param>
/// <param name="Result">The result that the agent reported, as JSON.</param>
public sealed record TaskView(
    Guid Id,
    Guid EventId,
    string Source,
    string EventType,
    string Playbook,
    string Agent,
    string State,
    int Attempts,
    DateTimeOffset? DueAt,
    DateTimeOffset? LeaseUntil,
    string? LastError,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt,
    string? TraceId,
    TokensView Tokens,
    JsonElement? Result,
    IReadOnlyList<MessageView> Messages)
{
    /// <summary>The steps, oldest first. Absent from lists, because they can be long.</summary>
    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StepView>? Steps { get; init; }

    /// <summary>The requested approvals, oldest first. Absent from lists.</summary>
    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ApprovalView>? Approvals { get; init; }
}

/// <summary>Token counts as the model's provider reports them.</summary>
public sealed record TokensView(long Input, long Output);

/// <summary>A step of a task, redacted, with characters that are not seen spelt out.</summary>
/// <param name="Position">The position of the step, from 0.</param>
/// <param name="Kind"><c>prompt</c>, <c>model</c>, <c>tool</c>, <c>approval</c> or <c>result</c>.</param>
/// <param name="Tool">The tool's name, for a tool call or a request for approval.</param>
/// <param name="Data">Additional data as JSON: the calls of a model, the arguments of a tool.</param>
public sealed record StepView(
    int Position,
    string Kind,
    string? Tool,
    string Content,
    JsonElement? Data,
    bool Failed,
    int DurationMs,
    TokensView Tokens,
    DateTimeOffset CreatedAt);

/// <summary>A message that a task sent.</summary>
public sealed record MessageView(string Id, string EventType, IReadOnlyList<DeliveryView> Deliveries);
