using System.Text.Json;

namespace Aspire.Webhooks.Console.Clients;

// The parts of the Worker's answers that pages use. docs/routes.md describes the routes.

/// <summary>A filter of tasks. Empty fields match every task.</summary>
public sealed record TaskQuery(
    string? State = null, string? Playbook = null, string? Source = null, DateTimeOffset? Since = null);

public sealed record TaskItem(
    Guid Id, Guid EventId, string Source, string EventType, string Playbook, string Agent, string State, int Attempts,
    DateTimeOffset? DueAt, DateTimeOffset? LeaseUntil, string? LastError, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt,
    string? TraceId, TokenCount Tokens, JsonElement? Result, IReadOnlyList<TaskMessage> Messages,
    IReadOnlyList<StepItem>? Steps = null, IReadOnlyList<ApprovalItem>? Approvals = null);

public sealed record TokenCount(long Input, long Output)
{
    public long Total => Input + Output;
}

public sealed record TaskMessage(string Id, string EventType, IReadOnlyList<DeliveryItem> Deliveries);

public sealed record StepItem(
    int Position, string Kind, string? Tool, string Content, JsonElement? Data, bool Failed, int DurationMs, TokenCount Tokens,
    DateTimeOffset CreatedAt);

public sealed record ApprovalItem(
    Guid Id, Guid TaskId, int Position, string Tool, string Arguments, string ArgumentsSha256, string State,
    DateTimeOffset RequestedAt, DateTimeOffset ExpiresAt, DateTimeOffset? DecidedAt, string? DecidedBy, string? Reason,
    DateTimeOffset? StartedAt, bool MayRepeat);

public sealed record PlaybookItem(
    string Name, string Source, IReadOnlyList<string> EventTypes, string Agent, string Instructions, IReadOnlyList<string> Tools,
    IReadOnlyList<string> AllowedHosts, IReadOnlyList<string> MessageTypes, IReadOnlyList<string> RequireApproval,
    Budget Budget, string Merchant, string ResultType);

public sealed record Budget(int Steps, long Tokens, int Seconds);

public sealed record PlaybookTrial(string Source, string EventType, IReadOnlyList<PlaybookMatch> Matches);

public sealed record PlaybookMatch(string Playbook, string Agent, PromptText? Prompt);

public sealed record PromptText(string System, string User);

public sealed record QueueItem(string Kind, double DueAgeSeconds);
