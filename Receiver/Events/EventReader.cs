using System.Text.Json;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Receiver.Events;

/// <summary>Reads events with their tasks, messages, deliveries and the jobs that drive them.</summary>
public sealed class EventReader(WebhooksDb db)
{
    public Task<List<EventView>> NewestAsync(int limit, CancellationToken cancellationToken) =>
        ReadAsync(db.InboundEvents.OrderByDescending(e => e.Id).Take(limit), cancellationToken);

    public async Task<EventView?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        (await ReadAsync(db.InboundEvents.Where(e => e.Id == id), cancellationToken)).SingleOrDefault();

    private async Task<List<EventView>> ReadAsync(IQueryable<InboundEvent> query, CancellationToken cancellationToken)
    {
        // Bodies stay in the database: they can be large, and nothing here shows them.
        var events = await query
            .Select(e => new { e.Id, e.Source, e.DeliveryId, e.EventType, e.ReceivedAt, e.Traceparent })
            .ToListAsync(cancellationToken);
        var eventIds = events.ConvertAll(e => e.Id);
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
            Status(jobs, e.Id, "processed"), jobs.GetValueOrDefault(e.Id)?.Attempt ?? 0, jobs.GetValueOrDefault(e.Id)?.LastError,
            WebhookTelemetry.TraceId(e.Traceparent),
            [.. tasks.Where(t => t.EventId == e.Id).Select(t => View(t, jobs))]));
    }

    private static TaskView View(AgentTask task, Dictionary<Guid, Job> jobs) => new(
        task.Id, task.Playbook, Status(jobs, task.Id, "completed"),
        jobs.GetValueOrDefault(task.Id)?.Attempt ?? 0, jobs.GetValueOrDefault(task.Id)?.LastError,
        WebhookTelemetry.TraceId(task.Traceparent),
        task.Result is null ? null : JsonElement.Parse(task.Result),
        [.. task.Steps.Select(s => new StepView(s.Position, s.Kind, s.Content, s.CreatedAt))],
        [.. task.Messages.Select(m => new MessageView(m.Id, m.EventType, [.. m.Deliveries.Select(d => View(d, jobs))]))]);

    private static DeliveryView View(Delivery delivery, Dictionary<Guid, Job> jobs) => new(
        delivery.Id, delivery.Endpoint.Url, Status(jobs, delivery.Id, "delivered"), jobs.GetValueOrDefault(delivery.Id)?.LastError,
        [.. delivery.Attempts.Select(a => new AttemptView(a.Attempt, a.Outcome, a.StatusCode, a.Error, a.DurationMs, a.StartedAt))]);

    private static string Status(Dictionary<Guid, Job> jobs, Guid refId, string whenDone) =>
        jobs.GetValueOrDefault(refId)?.State is { } state && state != "done" ? state : whenDone;
}
