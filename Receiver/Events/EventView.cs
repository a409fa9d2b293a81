using System.Text.Json;

namespace Aspire.Webhooks.Receiver.Events;

/// <summary>An event and everything that came of it, as <c>GET /events</c> shows it.</summary>
/// <param name="Status"><c>pending</c>, <c>running</c>, <c>processed</c>, <c>ignored</c> or <c>buried</c>.</param>
/// <param name="Attempts">How often its processing was started.</param>
/// <param name="TraceId">The W3C trace that spans its whole way.</param>
public sealed record EventView(
    Guid Id,
    string Source,
    string DeliveryId,
    string EventType,
    DateTimeOffset ReceivedAt,
    string Status,
    int Attempts,
    string? LastError,
    string? TraceId,
    IReadOnlyList<TaskView> Tasks);

/// <summary>An agent task that the event caused.</summary>
/// <param name="Status"><c>pending</c>, <c>running</c>, <c>completed</c> or <c>buried</c>.</param>
/// <param name="Result">What the agent reported, as JSON.</param>
public sealed record TaskView(
    Guid Id,
    string Playbook,
    string Status,
    int Attempts,
    string? LastError,
    string? TraceId,
    JsonElement? Result,
    IReadOnlyList<StepView> Steps,
    IReadOnlyList<MessageView> Messages);

/// <summary>A step of a task; its content is redacted.</summary>
public sealed record StepView(int Position, string Kind, string Content, DateTimeOffset CreatedAt);

/// <summary>A message that a task sent.</summary>
public sealed record MessageView(string Id, string EventType, IReadOnlyList<DeliveryView> Deliveries);

/// <summary>A message's way to one endpoint.</summary>
/// <param name="Status"><c>pending</c>, <c>running</c>, <c>delivered</c>, <c>ignored</c> (the endpoint is inactive) or <c>buried</c>.</param>
public sealed record DeliveryView(Guid Id, string Url, string Status, string? LastError, IReadOnlyList<AttemptView> Attempts);

/// <summary>One POST.</summary>
public sealed record AttemptView(int Attempt, string Outcome, int? StatusCode, string? Error, int DurationMs, DateTimeOffset StartedAt);
