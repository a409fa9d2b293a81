using System.Text.Json;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Messages;

namespace Aspire.Webhooks.Api;

/// <summary>An agent task and what came of it.</summary>
/// <param name="Agent">Who runs it: the playbook's agent, or the name of the agent outside that claimed it.</param>
/// <param name="State"><c>pending</c>, <c>running</c>, <c>awaiting_approval</c>, <c>completed</c>, <c>buried</c> or <c>cancelled</c>.</param>
/// <param name="Attempts">How often it was started.</param>
/// <param name="DueAt">When it may start, or how long it waits for a decision; null when it runs or has ended.</param>
/// <param name="LeaseUntil">Until when whoever runs it holds it, unless that is renewed; null when nobody does.</param>
/// <param name="TraceId">The W3C trace of the event that caused it.</param>
/// <param name="Tokens">What its model calls used.</param>
/// <param name="Result">What the agent reported, as JSON.</param>
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
    /// <summary>What was done so far, oldest first. Not in lists: it can be long.</summary>
    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StepView>? Steps { get; init; }

    /// <summary>The decisions that people were asked for, oldest first. Not in lists.</summary>
    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ApprovalView>? Approvals { get; init; }
}

/// <summary>Tokens as the model's provider counts them.</summary>
public sealed record TokensView(long Input, long Output);

/// <summary>A step of a task; what it shows is redacted, and what would not be seen of it is spelt out.</summary>
/// <param name="Position">0 for the first.</param>
/// <param name="Kind"><c>prompt</c>, <c>model</c>, <c>tool</c>, <c>approval</c> or <c>result</c>.</param>
/// <param name="Tool">Of a tool call, or a request to approve one.</param>
/// <param name="Data">What belongs to it, as JSON: a model's calls, a tool's arguments.</param>
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
