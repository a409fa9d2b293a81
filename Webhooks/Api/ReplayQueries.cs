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

/// <summary>An order to process events again.</summary>
/// <param name="Filter">The events: a filter, <c>{"all":true}</c> or <c>{"event_id":…}</c>.</param>
/// <param name="RequestedBy">The <c>sub</c> of the token that requested it.</param>
/// <param name="Events">The number of events.</param>
/// <param name="CancelledAt">The time at which its pending runs were cancelled; null when they were not.</param>
public record ReplayView(
    Guid Id, string Reason, JsonElement Filter, string RequestedBy, int Events, DateTimeOffset CreatedAt,
    DateTimeOffset? CancelledAt);

/// <summary>A replay and its progress.</summary>
public sealed record ReplayDetails : ReplayView
{
    public ReplayDetails(ReplayView view)
        : base(view)
    {
    }

    /// <summary>The number of its runs by state.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyDictionary<string, int> States { get; init; }
}

/// <summary>The effect that a replay would have.</summary>
/// <param name="Events">The number of events that it would process again.</param>
/// <param name="Limited">Whether more events match than the limit allows.</param>
/// <param name="Sample">The ids of the first events.</param>
public sealed record DryRun(int Events, bool Limited, IReadOnlyList<Guid> Sample);
