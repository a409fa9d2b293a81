using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Aspire.Webhooks.Api;

/// <summary>Reads events with their jobs and tasks.</summary>
public sealed class EventQueries(WebhooksDb db, NpgsqlDataSource database, TaskQueries tasks, Redactor redactor)
{
    public async Task<Page<EventView>> ListAsync(EventSelection selection, Paging paging, CancellationToken cancellationToken)
    {
        var ids = await database.IdsAsync(
            command => $"{(selection with { Before = paging.Before }).Sql(command, newestFirst: true)} limit {paging.Fetch}",
            cancellationToken);
        var page = paging.ToPage(ids, id => id);
        return new(await ReadAsync(page.Data, details: false, cancellationToken), page.NextCursor);
    }

    public async Task<EventDetails?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        // Retention may delete the event between the two statements.
        if ((await ReadAsync([id], details: true, cancellationToken)).SingleOrDefault() is not { } view
            || await db.InboundEvents.Where(e => e.Id == id)
                .Select(e => new { e.EventType, e.DeliveryId, e.Headers, e.ContentType, e.ContentEncoding, e.Body })
                .SingleOrDefaultAsync(cancellationToken) is not { } stored)
        {
            return null;
        }

        var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(stored.Headers, JsonSerializerOptions.Default)!;
        var runs = await db.Jobs.AsNoTracking().Include(j => j.Replay).Where(j => j.RefId == id).OrderBy(j => j.Id)
            .ToListAsync(cancellationToken);
        return new(view)
        {
            Headers = RedactedHeaders.Of(headers, stored.EventType, stored.DeliveryId, redactor),
            ContentType = stored.ContentType,
            Body = BodyText.Of(stored.Body, stored.ContentType, stored.ContentEncoding, redactor),
            Runs = runs.ConvertAll(View),
        };
    }

    public Task<bool> ExistsAsync(Guid id, CancellationToken cancellationToken) =>
        db.InboundEvents.AnyAsync(e => e.Id == id, cancellationToken);

    private async Task<IReadOnlyList<EventView>> ReadAsync(
        IReadOnlyList<Guid> eventIds, bool details, CancellationToken cancellationToken)
    {
        // Bodies are not read: they can be large, and a list does not show them.
        var events = await db.InboundEvents.Where(e => eventIds.Contains(e.Id)).OrderByDescending(e => e.Id)
            .Select(e => new { e.Id, e.Source, e.DeliveryId, e.EventType, e.ReceivedAt, e.Traceparent })
            .ToListAsync(cancellationToken);
        var caused = await tasks.OfEventsAsync(eventIds, details, cancellationToken);
        var runs = (await db.Jobs.AsNoTracking().Where(j => eventIds.Contains(j.RefId)).ToListAsync(cancellationToken))
            .ToLookup(j => j.RefId);
        return events.ConvertAll(e =>
        {
            var latest = runs[e.Id].MaxBy(j => j.Id);
            return new EventView(
                e.Id, e.Source, e.DeliveryId, VisibleText.Of(e.EventType), e.ReceivedAt,
                EventStates.OfJob(latest?.State ?? "done"), latest?.Attempt ?? 0,
                latest?.LastError is { } error ? VisibleText.Of(error) : null,
                WebhookTelemetry.TraceId(e.Traceparent), [.. caused[e.Id]]);
        });
    }

    private static RunView View(Job job) => new(
        job.Id, EventStates.OfJob(job.State), job.Attempt, job.FinishedAt is null ? job.DueAt : null, job.LastError,
        job.FinishedAt, job.Replay is { } replay ? new(replay.Id, replay.Reason, replay.RequestedBy) : null);
}
