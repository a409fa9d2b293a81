using System.Text.Json;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Api;

/// <summary>Reads replays.</summary>
public sealed class ReplayQueries(WebhooksDb db)
{
    public async Task<Page<ReplayView>> ListAsync(Paging paging, CancellationToken cancellationToken)
    {
        var replays = db.Replays.AsNoTracking();
        if (paging.Before is { } before)
        {
            replays = replays.Where(r => r.Id < before);
        }

        var fetched = await replays.OrderByDescending(r => r.Id).Take(paging.Fetch).ToListAsync(cancellationToken);
        return paging.ToPage(fetched.ConvertAll(View), r => r.Id);
    }

    public async Task<ReplayDetails?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await db.Replays.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellationToken) is not { } replay)
        {
            return null;
        }

        var counts = await db.Jobs.Where(j => j.ReplayId == id)
            .GroupBy(j => j.State).Select(g => new { State = g.Key, Count = g.Count() })
            .ToDictionaryAsync(g => EventStates.OfJob(g.State), g => g.Count, StringComparer.Ordinal, cancellationToken);
        return new(View(replay))
        {
            States = EventStates.All.ToDictionary(
                state => state, state => counts.GetValueOrDefault(state), StringComparer.Ordinal),
        };
    }

    private static ReplayView View(Replay replay) => new(
        replay.Id, replay.Reason, JsonElement.Parse(replay.Filter), replay.RequestedBy, replay.EventCount, replay.CreatedAt,
        replay.CancelledAt);
}

/// <summary>Events that are processed again.</summary>
/// <param name="Filter">Which: a filter, <c>{"all":true}</c>, or <c>{"event_id":…}</c>.</param>
/// <param name="RequestedBy">The token's <c>sub</c>.</param>
/// <param name="Events">How many there are.</param>
/// <param name="CancelledAt">When what was still pending was cancelled.</param>
public record ReplayView(
    Guid Id, string Reason, JsonElement Filter, string RequestedBy, int Events, DateTimeOffset CreatedAt,
    DateTimeOffset? CancelledAt);

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
