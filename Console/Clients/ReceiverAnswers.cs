using System.Text.Json;

namespace Aspire.Webhooks.Console.Clients;

// The parts of the Receiver's answers that pages use. docs/routes.md describes the routes.

/// <summary>A filter of events. Empty fields match every event.</summary>
public sealed record EventQuery(
    string? Source = null, string? EventType = null, string? State = null, DateTimeOffset? Since = null,
    DateTimeOffset? Until = null, string? DeliveryId = null);

public record EventItem(
    Guid Id, string Source, string DeliveryId, string EventType, DateTimeOffset ReceivedAt, string State, int Attempts,
    string? LastError, string? TraceId, IReadOnlyList<TaskItem> Tasks);

public sealed record EventAnswer(
    Guid Id, string Source, string DeliveryId, string EventType, DateTimeOffset ReceivedAt, string State, int Attempts,
    string? LastError, string? TraceId, IReadOnlyList<TaskItem> Tasks, IReadOnlyDictionary<string, string> Headers,
    string ContentType, BodyAnswer Body, IReadOnlyList<RunItem> Runs)
    : EventItem(Id, Source, DeliveryId, EventType, ReceivedAt, State, Attempts, LastError, TraceId, Tasks);

public sealed record BodyAnswer(int Size, string? Encoding, string? Text, bool Truncated, string? Omitted);

public sealed record RunItem(
    long Id, string State, int Attempts, DateTimeOffset? DueAt, string? LastError, DateTimeOffset? FinishedAt, RunReplay? Replay);

public sealed record RunReplay(Guid Id, string Reason, string RequestedBy);

public sealed record RejectionItem(
    Guid Id, string Source, string Reason, DateTimeOffset ReceivedAt, string RemoteAddress, string? TraceId);

public sealed record ReplayItem(
    Guid Id, string Reason, JsonElement Filter, string RequestedBy, int Events, DateTimeOffset CreatedAt,
    DateTimeOffset? CancelledAt, IReadOnlyDictionary<string, int>? States = null);

public sealed record DryRunAnswer(int Events, bool Limited, IReadOnlyList<Guid> Sample);

/// <summary>A filter of the audit. Empty fields match every entry.</summary>
public sealed record AuditQuery(
    string? Actor = null, string? Action = null, string? ObjectKind = null, string? ObjectId = null,
    DateTimeOffset? Since = null);

public sealed record AuditItem(
    Guid Id, DateTimeOffset At, string Actor, string Action, string ObjectKind, string ObjectId, string? Reason, string? TraceId);

public sealed record SourceItem(
    string Name, string Scheme, string Path, string? SharedPath, string Payload, IReadOnlyList<string> SecretKeys,
    IReadOnlyList<SourceSecretItem> Secrets, DateTimeOffset? LastEventAt, RejectionItem? LastRejection,
    DateTimeOffset? PausedAt, bool CanTest);

public sealed record SourceSecretItem(DateTimeOffset? ExpiresAt);

public sealed record SourcePauseAnswer(string Name, DateTimeOffset? PausedAt);

public sealed record TestEventAnswer(Guid EventId, int Status, bool IsNew);

public sealed record PhoneMessageItem(
    string MessageId, string FromMsisdn, string ToMsisdn, DateTimeOffset Ts, string? Text, DateTimeOffset CreatedAt);

public sealed record PhoneMessageListing(IReadOnlyList<PhoneMessageItem> Data, long Total);

public sealed record PhoneMessageStatistics(
    long TotalMessages, long SendersCount, IReadOnlyList<SenderItem> MessagesPerSender, DateTimeOffset? FirstMessageTs,
    DateTimeOffset? LastMessageTs);

public sealed record SenderItem(string FromMsisdn, long Count);
