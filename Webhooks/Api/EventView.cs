using System.Text.Json.Serialization;

namespace Aspire.Webhooks.Api;

/// <summary>An event with the tasks, messages and deliveries that it caused.</summary>
/// <param name="State">The state of its latest run: <c>pending</c>, <c>running</c>, <c>processed</c>, <c>ignored</c>,
/// <c>buried</c> or <c>cancelled</c>.</param>
/// <param name="Attempts">The number of attempts of that run.</param>
/// <param name="TraceId">The W3C trace id of its processing from receipt to delivery.</param>
/// <param name="Tasks">Its agent tasks, oldest first.</param>
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

/// <summary>An event with its headers, its body and all its runs.</summary>
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

/// <summary>A body as operators see it.</summary>
/// <param name="Size">The size of the signed body in bytes.</param>
/// <param name="Encoding">The Content-Encoding of the request; null for none.</param>
/// <param name="Text">The decoded and redacted text; null when the body is not text.</param>
/// <param name="Truncated">Whether the text is truncated.</param>
/// <param name="Omitted">The reason why there is no text: <c>binary</c>, <c>too_large</c> to decode, or
/// <c>deleted</c>.</param>
public sealed record BodyView(int Size, string? Encoding, string? Text, bool Truncated, string? Omitted);

/// <summary>One run of an event.</summary>
/// <param name="State">The state, with the same values as that of an event.</param>
/// <param name="DueAt">The time from which it may start, or start again; null when it has ended.</param>
/// <param name="Replay">The replay that requested it; null for the first run.</param>
public sealed record RunView(
    long Id, string State, int Attempts, DateTimeOffset? DueAt, string? LastError, DateTimeOffset? FinishedAt,
    RunReplayView? Replay);

/// <summary>The replay that a run belongs to.</summary>
public sealed record RunReplayView(Guid Id, string Reason, string RequestedBy);
