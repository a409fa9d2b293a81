using System.Text.Json;
using Aspire.Webhooks.Events;
using Aspire.Webhooks.Fields;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Replays;

/// <summary>Reads replays.</summary>
public sealed class ReplayReader(WebhooksDb db)
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
        return new(View(replay)) { States = EventStates.All.ToDictionary(state => state, state => counts.GetValueOrDefault(state), StringComparer.Ordinal) };
    }

    private static ReplayView View(Replay replay) => new(
        replay.Id, replay.Reason, JsonElement.Parse(replay.Filter), replay.RequestedBy, replay.EventCount, replay.CreatedAt, replay.CancelledAt);
}
