using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aspire.Webhooks.Replays;

/// <summary>Events that are processed again.</summary>
/// <param name="Filter">Which: a filter, <c>{"all":true}</c>, or <c>{"event_id":…}</c>.</param>
/// <param name="RequestedBy">The token's <c>sub</c>.</param>
/// <param name="Events">How many there are.</param>
/// <param name="CancelledAt">When what was still pending was cancelled.</param>
public record ReplayView(
    Guid Id, string Reason, JsonElement Filter, string RequestedBy, int Events, DateTimeOffset CreatedAt, DateTimeOffset? CancelledAt);

/// <summary>A replay and how far it is.</summary>
public sealed record ReplayDetails : ReplayView
{
    public ReplayDetails(ReplayView view)
        : base(view)
    {
    }

    /// <summary>How many of its runs are in each state.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyDictionary<string, int> States { get; init; }
}

/// <summary>What a replay would do.</summary>
/// <param name="Events">How many events it would process again.</param>
/// <param name="Limited">More match than the limit allows.</param>
/// <param name="Sample">The ids of the first of them.</param>
public sealed record DryRun(int Events, bool Limited, IReadOnlyList<Guid> Sample);
