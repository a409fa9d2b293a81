using System.Text.Json;
using Aspire.Webhooks.Fields;
using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Aspire.Webhooks.Events;

/// <summary>Reads events with their tasks, messages, deliveries and the jobs that drive them.</summary>
public sealed class EventReader(WebhooksDb db, NpgsqlDataSource database, Redactor redactor)
{
    public async Task<Page<EventView>> ListAsync(EventSelection selection, Paging paging, CancellationToken cancellationToken)
    {
        var ids = new List<Guid>(paging.Fetch);
        await using (var command = database.CreateCommand())
        {
            command.CommandText = $"{(selection with { Before = paging.Before }).Sql(command)} order by e.id desc limit {paging.Fetch}";
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                ids.Add(reader.GetGuid(0));
            }
        }

        var page = paging.ToPage(ids, id => id);
        return new(await ReadAsync(page.Data, cancellationToken), page.NextCursor);
    }

    public async Task<EventDetails?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        if ((await ReadAsync([id], cancellationToken)).SingleOrDefault() is not { } view)
        {
            return null;
        }

        var stored = await db.InboundEvents.Where(e => e.Id == id)
            .Select(e => new { e.Headers, e.ContentType, e.ContentEncoding, e.Body })
            .SingleAsync(cancellationToken);
        var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(stored.Headers, JsonSerializerOptions.Default)!;
        var runs = await db.Jobs.AsNoTracking().Include(j => j.Replay).Where(j => j.RefId == id).OrderBy(j => j.Id).ToListAsync(cancellationToken);
        return new(view)
        {
            Headers = headers.ToDictionary(h => h.Key, h => redactor.Redact(h.Key, h.Value), StringComparer.OrdinalIgnoreCase),
            ContentType = stored.ContentType,
            Body = BodyText.Of(stored.Body, stored.ContentType, stored.ContentEncoding, redactor),
            Runs = runs.ConvertAll(View),
        };
    }

    private async Task<IReadOnlyList<EventView>> ReadAsync(IReadOnlyList<Guid> eventIds, CancellationToken cancellationToken)
    {
        // Bodies stay in the database: they can be large, and a list does not show them.
        var events = await db.InboundEvents.Where(e => eventIds.Contains(e.Id)).OrderByDescending(e => e.Id)
            .Select(e => new { e.Id, e.Source, e.DeliveryId, e.EventType, e.ReceivedAt, e.Traceparent })
            .ToListAsync(cancellationToken);
        var tasks = await db.AgentTasks.AsNoTracking().AsSplitQuery()
            .Include(t => t.Steps.OrderBy(s => s.Position))
            .Include(t => t.Messages.OrderBy(m => m.Id)).ThenInclude(m => m.Deliveries).ThenInclude(d => d.Endpoint)
            .Include(t => t.Messages).ThenInclude(m => m.Deliveries).ThenInclude(d => d.Attempts.OrderBy(a => a.StartedAt))
            .Where(t => eventIds.Contains(t.EventId))
            .OrderBy(t => t.Id)
            .ToListAsync(cancellationToken);

        var refs = eventIds
            .Concat(tasks.Select(t => t.Id))
            .Concat(tasks.SelectMany(t => t.Messages).SelectMany(m => m.Deliveries).Select(d => d.Id))
            .ToList();
        var jobs = (await db.Jobs.AsNoTracking().Where(j => refs.Contains(j.RefId)).ToListAsync(cancellationToken))
            .GroupBy(j => j.RefId)
            .ToDictionary(g => g.Key, g => g.MaxBy(j => j.Id)!);

        return events.ConvertAll(e => new EventView(
            e.Id, e.Source, e.DeliveryId, e.EventType, e.ReceivedAt,
            State(jobs, e.Id, EventStates.OfJob("done")), jobs.GetValueOrDefault(e.Id)?.Attempt ?? 0, jobs.GetValueOrDefault(e.Id)?.LastError,
            WebhookTelemetry.TraceId(e.Traceparent),
            [.. tasks.Where(t => t.EventId == e.Id).Select(t => View(t, jobs))]));
    }

    private static RunView View(Job job) => new(
        job.Id, EventStates.OfJob(job.State), job.Attempt, job.FinishedAt is null ? job.DueAt : null, job.LastError, job.FinishedAt,
        job.Replay is { } replay ? new(replay.Id, replay.Reason, replay.RequestedBy) : null);

    private static TaskView View(AgentTask task, Dictionary<Guid, Job> jobs) => new(
        task.Id, task.Playbook, State(jobs, task.Id, "completed"),
        jobs.GetValueOrDefault(task.Id)?.Attempt ?? 0, jobs.GetValueOrDefault(task.Id)?.LastError,
        WebhookTelemetry.TraceId(task.Traceparent),
        task.Result is null ? null : JsonElement.Parse(task.Result),
        [.. task.Steps.Select(s => new StepView(s.Position, s.Kind, s.Content, s.CreatedAt))],
        [.. task.Messages.Select(m => new MessageView(m.Id, m.EventType, [.. m.Deliveries.Select(d => View(d, jobs))]))]);

    private static DeliveryView View(Delivery delivery, Dictionary<Guid, Job> jobs) => new(
        delivery.Id, delivery.Endpoint.Url, State(jobs, delivery.Id, "delivered"), jobs.GetValueOrDefault(delivery.Id)?.LastError,
        [.. delivery.Attempts.Select(a => new AttemptView(a.Attempt, a.Outcome, a.StatusCode, a.Error, a.DurationMs, a.StartedAt))]);

    private static string State(Dictionary<Guid, Job> jobs, Guid refId, string whenDone) =>
        jobs.GetValueOrDefault(refId)?.State is { } state && state != "done" ? state : whenDone;
}
