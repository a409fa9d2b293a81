using System.Text.Json.Serialization;

namespace Aspire.Webhooks.Api;

/// <summary>An event and everything that came of it.</summary>
/// <param name="State">Of its latest run: <c>pending</c>, <c>running</c>, <c>processed</c>, <c>ignored</c>, <c>buried</c> or
/// <c>cancelled</c>.</param>
/// <param name="Attempts">How often that run was started.</param>
/// <param name="TraceId">The W3C trace that spans its whole way.</param>
/// <param name="Tasks">The agent tasks that it caused, oldest first.</param>
public record EventView(
    Guid Id,
    string Source,
    string DeliveryId,
    string EventType,
    DateTimeOffset ReceivedAt,
    string State,
    int Attempts,
    string? LastError,
    string? TraceId,
    IReadOnlyList<TaskView> Tasks);

/// <summary>An event with what it brought and every run of it.</summary>
public sealed record EventDetails : EventView
{
    public EventDetails(EventView view)
        : base(view)
    {
    }

    /// <summary>The stored request headers, redacted.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    [JsonPropertyOrder(1)]
    public required string ContentType { get; init; }

    [JsonPropertyOrder(1)]
    public required BodyView Body { get; init; }

    /// <summary>Its first processing and each replay, in that order.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<RunView> Runs { get; init; }
}

/// <summary>A body as far as it can be shown.</summary>
/// <param name="Size">Of the bytes that were signed.</param>
/// <param name="Encoding">The content coding in which it came; null for none.</param>
/// <param name="Text">Redacted, and inflated; null when it is no text.</param>
/// <param name="Truncated">There is more text than is shown.</param>
/// <param name="Omitted">Why there is no text: <c>binary</c>, or <c>too_large</c> to inflate.</param>
public sealed record BodyView(int Size, string? Encoding, string? Text, bool Truncated, string? Omitted);

/// <summary>One run of an event.</summary>
/// <param name="State">As an event's.</param>
/// <param name="DueAt">When it may start, or start again; null when it has ended.</param>
/// <param name="Replay">What asked for it; null for the first run.</param>
public sealed record RunView(
    long Id, string State, int Attempts, DateTimeOffset? DueAt, string? LastError, DateTimeOffset? FinishedAt,
    RunReplayView? Replay);

/// <summary>The replay that a run belongs to.</summary>
public sealed record RunReplayView(Guid Id, string Reason, string RequestedBy);
