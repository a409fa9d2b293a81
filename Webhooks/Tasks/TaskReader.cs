using System.Text.Json;
using Aspire.Webhooks.Fields;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Aspire.Webhooks.Tasks;

/// <summary>Reads tasks with their steps, approvals, messages, deliveries and the jobs that drive them.</summary>
public sealed class TaskReader(WebhooksDb db, NpgsqlDataSource database, ApprovalReader approvals)
{
    /// <summary>Without steps and approvals.</summary>
    public async Task<Page<TaskView>> ListAsync(TaskSelection selection, Paging paging, CancellationToken cancellationToken)
    {
        var ids = await database.IdsAsync(
            command => $"{(selection with { Before = paging.Before }).Sql(command)} order by t.id desc limit {paging.Fetch}", cancellationToken);
        var page = paging.ToPage(ids, id => id);
        var tasks = await ReadAsync(db.AgentTasks.Where(t => page.Data.Contains(t.Id)), details: false, cancellationToken);
        return new([.. tasks.Reverse()], page.NextCursor);
    }

    public async Task<TaskView?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        (await ReadAsync(db.AgentTasks.Where(t => t.Id == id), details: true, cancellationToken)).SingleOrDefault();

    /// <summary>The tasks of some events, oldest first.</summary>
    /// <param name="details">With their steps and approvals.</param>
    public async Task<ILookup<Guid, TaskView>> OfEventsAsync(
        IReadOnlyCollection<Guid> eventIds, bool details, CancellationToken cancellationToken) =>
        (await ReadAsync(db.AgentTasks.Where(t => eventIds.Contains(t.EventId)), details, cancellationToken)).ToLookup(t => t.EventId);

    private async Task<IReadOnlyList<TaskView>> ReadAsync(IQueryable<AgentTask> selected, bool details, CancellationToken cancellationToken)
    {
        var tasks = await selected.AsNoTracking().AsSplitQuery()
            .Include(t => t.Messages.OrderBy(m => m.Id)).ThenInclude(m => m.Deliveries).ThenInclude(d => d.Endpoint)
            .Include(t => t.Messages).ThenInclude(m => m.Deliveries).ThenInclude(d => d.Attempts.OrderBy(a => a.StartedAt))
            .OrderBy(t => t.Id)
            .ToListAsync(cancellationToken);
        var ids = tasks.ConvertAll(t => t.Id);
        var eventIds = tasks.ConvertAll(t => t.EventId);
        var events = await db.InboundEvents.Where(e => eventIds.Contains(e.Id))
            .Select(e => new { e.Id, e.Source, e.EventType }).ToDictionaryAsync(e => e.Id, cancellationToken);
        var tokens = await db.AgentSteps.Where(s => ids.Contains(s.TaskId)).GroupBy(s => s.TaskId)
            .Select(g => new { g.Key, Input = g.Sum(s => s.InputTokens), Output = g.Sum(s => s.OutputTokens) })
            .ToDictionaryAsync(g => g.Key, g => new TokensView(g.Input, g.Output), cancellationToken);
        var jobs = await JobsAsync([.. ids, .. tasks.SelectMany(t => t.Messages).SelectMany(m => m.Deliveries).Select(d => d.Id)], cancellationToken);

        var views = tasks.ConvertAll(t => View(
            t, events[t.EventId].Source, events[t.EventId].EventType, jobs, tokens.GetValueOrDefault(t.Id) ?? new(0, 0)));
        return details ? await WithDetailsAsync(views, cancellationToken) : views;
    }

    private async Task<IReadOnlyList<TaskView>> WithDetailsAsync(List<TaskView> tasks, CancellationToken cancellationToken)
    {
        var ids = tasks.ConvertAll(t => t.Id);
        var steps = (await db.AgentSteps.AsNoTracking().Where(s => ids.Contains(s.TaskId)).OrderBy(s => s.Position).ToListAsync(cancellationToken))
            .ToLookup(s => s.TaskId, View);
        var asked = await approvals.OfTasksAsync(ids, cancellationToken);
        return tasks.ConvertAll(t => t with { Steps = [.. steps[t.Id]], Approvals = [.. asked[t.Id]] });
    }

    private async Task<Dictionary<Guid, Job>> JobsAsync(List<Guid> refs, CancellationToken cancellationToken) =>
        (await db.Jobs.AsNoTracking().Where(j => refs.Contains(j.RefId)).ToListAsync(cancellationToken))
        .GroupBy(j => j.RefId)
        .ToDictionary(g => g.Key, g => g.MaxBy(j => j.Id)!);

    private static TaskView View(AgentTask task, string source, string eventType, Dictionary<Guid, Job> jobs, TokensView tokens)
    {
        var job = jobs.GetValueOrDefault(task.Id);
        return new(
            task.Id, task.EventId, source, eventType, task.Playbook, task.Agent, TaskStates.OfJob(job?.State ?? "done"), job?.Attempt ?? 0,
            job is { FinishedAt: null, LeaseUntil: null } ? job.DueAt : null, job?.LeaseUntil, job?.LastError,
            task.CreatedAt, task.FinishedAt ?? job?.FinishedAt, WebhookTelemetry.TraceId(task.Traceparent), tokens, Json(task.Result),
            [.. task.Messages.Select(m => new MessageView(m.Id, m.EventType, [.. m.Deliveries.Select(d => View(d, jobs.GetValueOrDefault(d.Id)))]))]);
    }

    private static StepView View(AgentStep step) => new(
        step.Position, step.Kind, step.Tool, step.Content, Json(step.Data), step.Failed, step.DurationMs,
        new(step.InputTokens, step.OutputTokens), step.CreatedAt);

    private static DeliveryView View(Delivery delivery, Job? job) => new(
        delivery.Id, delivery.Endpoint.Url, DeliveryStates.OfJob(job?.State), job?.LastError,
        [.. delivery.Attempts.Select(a => new AttemptView(a.Attempt, a.Outcome, a.StatusCode, a.Error, a.DurationMs, a.StartedAt))]);

    private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(text);
}
