using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>Reads whose circuit is open: an endpoint is a lane of the queue, and its hold is the lane's.</summary>
public static class EndpointHolds
{
    /// <returns>Until when, by the endpoint's id, for those to which no attempt is made at this time.</returns>
    public static async Task<IReadOnlyDictionary<Guid, DateTimeOffset?>> HoldsAsync(
        this WebhooksDb db, IEnumerable<Guid> endpoints, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (kind, lanes) = (JobKind.Delivery.Name(), endpoints.Select(id => id.ToString()).ToList());
        return await db.Lanes.Where(lane => lane.Kind == kind && lanes.Contains(lane.Lane) && lane.HeldUntil > now)
            .ToDictionaryAsync(lane => Guid.Parse(lane.Lane), lane => lane.HeldUntil, cancellationToken);
    }
}
