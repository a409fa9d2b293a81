using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Messages;

/// <summary>Reads deliveries with their jobs and attempts.</summary>
public sealed class DeliveryQueries(WebhooksDb db, Redactor redactor)
{
    /// <summary>
    /// Reads the deliveries with these ids, oldest first, without the endpoints' answers. Unknown ids are left out.
    /// </summary>
    public Task<IReadOnlyList<DeliveryView>> ListAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        ReadAsync(db.Deliveries.Where(d => ids.Contains(d.Id)), answers: false, cancellationToken);

    /// <summary>Reads a delivery with the endpoint's answers; null when there is no such delivery.</summary>
    public async Task<DeliveryView?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        (await ReadAsync(db.Deliveries.Where(d => d.Id == id), answers: true, cancellationToken)).SingleOrDefault();

    /// <summary>Reads the deliveries of some messages, oldest first, by the id of the message.</summary>
    public async Task<ILookup<string, DeliveryView>> OfMessagesAsync(
        IReadOnlyCollection<string> messageIds, CancellationToken cancellationToken) =>
        (await ReadAsync(db.Deliveries.Where(d => messageIds.Contains(d.MessageId)), answers: false, cancellationToken))
            .ToLookup(d => d.MessageId, StringComparer.Ordinal);

    private async Task<IReadOnlyList<DeliveryView>> ReadAsync(
        IQueryable<Delivery> selected, bool answers, CancellationToken cancellationToken)
    {
        // Only the columns that are shown: payloads can be large.
        var deliveries = await (
            from delivery in selected
            join message in db.Messages on delivery.MessageId equals message.Id
            orderby delivery.Id
            select new { delivery.Id, delivery.MessageId, message.EventType, delivery.EndpointId, delivery.Endpoint.Url,
                delivery.CreatedAt })
            .ToListAsync(cancellationToken);
        var ids = deliveries.ConvertAll(d => d.Id);
        var attempts = (await AttemptsAsync(ids, answers, cancellationToken)).ToLookup(a => a.DeliveryId);
        var lanes = deliveries.Select(d => d.EndpointId.ToString()).Distinct(StringComparer.Ordinal).ToList();
        var holds = await db.Lanes.Where(l => l.Kind == "delivery" && lanes.Contains(l.Lane) && l.HeldUntil != null)
            .ToDictionaryAsync(l => l.Lane, l => l.HeldUntil!.Value, StringComparer.Ordinal, cancellationToken);
        var jobs = (
            await db.Jobs.AsNoTracking().Where(j => ids.Contains(j.RefId)).OrderBy(j => j.Id).ToListAsync(cancellationToken))
                .ToLookup(j => j.RefId);

        return deliveries.ConvertAll(d =>
        {
            // Attempts are kept longer than the jobs that made them.
            var runs = jobs[d.Id].Select(job => job.Id).Union(attempts[d.Id].Select(a => a.JobId)).Order()
                .Select((id, at) => (Id: id, Run: at + 1)).ToDictionary(job => job.Id, job => job.Run);
            var latest = jobs[d.Id].LastOrDefault();
            return new DeliveryView(
                d.Id, d.MessageId, d.EventType, d.EndpointId, UrlText.Masked(redactor.Redact(d.Url)),
                DeliveryStates.OfJob(latest?.State), latest?.LastError, d.CreatedAt,
                latest is { State: JobStates.Pending } ? Later(latest.DueAt, holds.GetValueOrDefault(latest.Lane)) : null,
                [.. attempts[d.Id].Select(a => View(a, runs[a.JobId]))]);
        });
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private Task<List<DeliveryAttempt>> AttemptsAsync(List<Guid> deliveries, bool answers, CancellationToken cancellationToken) =>
        db.DeliveryAttempts.Where(a => deliveries.Contains(a.DeliveryId)).OrderBy(a => a.StartedAt).ThenBy(a => a.Attempt)
            .Select(a => new DeliveryAttempt
            {
                JobId = a.JobId, Attempt = a.Attempt, DeliveryId = a.DeliveryId, StartedAt = a.StartedAt,
                DurationMs = a.DurationMs, Outcome = a.Outcome, StatusCode = a.StatusCode, Error = a.Error,
                ResponseBody = answers ? a.ResponseBody : null,
            })
            .ToListAsync(cancellationToken);

    private static AttemptView View(DeliveryAttempt attempt, int run) =>
        new(run, attempt.Attempt, attempt.Outcome, attempt.StatusCode, attempt.Error, attempt.DurationMs, attempt.StartedAt)
        {
            ResponseBody = attempt.ResponseBody,
        };
}
