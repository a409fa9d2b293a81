using System.Text.Json;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Aspire.Webhooks.Api;

/// <summary>Reads tasks with their jobs, steps, approvals, messages and deliveries.</summary>
public sealed class TaskQueries(WebhooksDb db, NpgsqlDataSource database, DeliveryQueries deliveries, ApprovalQueries approvals)
{
    /// <summary>Returns a page of tasks, without steps and approvals.</summary>
    public async Task<Page<TaskView>> ListAsync(TaskSelection selection, Paging paging, CancellationToken cancellationToken)
    {
        var ids = await database.IdsAsync(
            command => $"{(selection with { Before = paging.Before }).Sql(command)} order by t.id desc limit {paging.Fetch}",
            cancellationToken);
        var page = paging.ToPage(ids, id => id);
        var tasks = await ReadAsync(db.AgentTasks.Where(t => page.Data.Contains(t.Id)), details: false, cancellationToken);
        return new([.. tasks.Reverse()], page.NextCursor);
    }

    public async Task<TaskView?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        (await ReadAsync(db.AgentTasks.Where(t => t.Id == id), details: true, cancellationToken)).SingleOrDefault();

    /// <summary>Returns the tasks of the given events, oldest first.</summary>
    /// <param name="details">Whether to include steps and approvals.</param>
    public async Task<ILookup<Guid, TaskView>> OfEventsAsync(
        IReadOnlyCollection<Guid> eventIds, bool details, CancellationToken cancellationToken) =>
        (await ReadAsync(db.AgentTasks.Where(t => eventIds.Contains(t.EventId)), details, cancellationToken))
            .ToLookup(t => t.EventId);

    private async Task<IReadOnlyList<TaskView>> ReadAsync(
        IQueryable<AgentTask> selected, bool details, CancellationToken cancellationToken)
    {
        // With their events, because retention may delete both before another statement reads them.
        var tasks = await (
            from task in selected.AsNoTracking()
            join received in db.InboundEvents on task.EventId equals received.Id
            orderby task.Id
            select new { Task = task, received.Source, received.EventType })
            .ToListAsync(cancellationToken);
        var ids = tasks.ConvertAll(t => t.Task.Id);
        var tokens = await db.AgentSteps.Where(s => ids.Contains(s.TaskId)).GroupBy(s => s.TaskId)
            .Select(g => new { g.Key, Input = g.Sum(s => s.InputTokens), Output = g.Sum(s => s.OutputTokens) })
            .ToDictionaryAsync(g => g.Key, g => new TokensView(g.Input, g.Output), cancellationToken);
        var jobs = await JobsAsync(ids, cancellationToken);
        var messages = await MessagesAsync(ids, cancellationToken);

        var views = tasks.ConvertAll(t => View(
            t.Task, t.Source, t.EventType, jobs.GetValueOrDefault(t.Task.Id), tokens.GetValueOrDefault(t.Task.Id) ?? new(0, 0),
            [.. messages[t.Task.Id]]));
        return details ? await WithDetailsAsync(views, cancellationToken) : views;
    }

    private async Task<IReadOnlyList<TaskView>> WithDetailsAsync(List<TaskView> tasks, CancellationToken cancellationToken)
    {
        var ids = tasks.ConvertAll(t => t.Id);
        var rows = await db.AgentSteps.AsNoTracking().Where(s => ids.Contains(s.TaskId)).OrderBy(s => s.Position)
            .ToListAsync(cancellationToken);
        var steps = rows.ToLookup(s => s.TaskId, View);
        var asked = await approvals.OfTasksAsync(ids, cancellationToken);
        return tasks.ConvertAll(t => t with { Steps = [.. steps[t.Id]], Approvals = [.. asked[t.Id]] });
    }

    private async Task<Dictionary<Guid, Job>> JobsAsync(List<Guid> refs, CancellationToken cancellationToken) =>
        (await db.Jobs.AsNoTracking().Where(j => refs.Contains(j.RefId)).ToListAsync(cancellationToken))
        .GroupBy(j => j.RefId)
        .ToDictionary(g => g.Key, g => g.MaxBy(j => j.Id)!);

    private async Task<ILookup<Guid, MessageView>> MessagesAsync(List<Guid> tasks, CancellationToken cancellationToken)
    {
        // Payloads are not read.
        var messages = await db.Messages.Where(m => m.TaskId != null && tasks.Contains(m.TaskId.Value)).OrderBy(m => m.Id)
            .Select(m => new { m.Id, TaskId = m.TaskId!.Value, m.EventType }).ToListAsync(cancellationToken);
        var made = await deliveries.OfMessagesAsync(messages.ConvertAll(m => m.Id), cancellationToken);
        return messages.ToLookup(m => m.TaskId, m => new MessageView(m.Id, m.EventType, [.. made[m.Id]]));
    }

    private static TaskView View(
        AgentTask task, string source, string eventType, Job? job, TokensView tokens, IReadOnlyList<MessageView> messages) =>
        new(
            task.Id, task.EventId, source, VisibleText.Of(eventType), task.Playbook, VisibleText.Of(task.Agent),
            TaskStates.OfJob(job?.State ?? "done"), job?.Attempt ?? 0,
            job is { FinishedAt: null, LeaseUntil: null } ? job.DueAt : null, job?.LeaseUntil, Visible(job?.LastError),
            task.CreatedAt, task.FinishedAt ?? job?.FinishedAt, WebhookTelemetry.TraceId(task.Traceparent), tokens,
            Json(task.Result), messages);

    private static StepView View(AgentStep step) => new(
        step.Position, step.Kind, Visible(step.Tool), VisibleText.Of(step.Content), Json(step.Data), step.Failed, step.DurationMs,
        new(step.InputTokens, step.OutputTokens), step.CreatedAt);

    // People decide about a task by what they see of it.
    private static JsonElement? Json(string? text) => text is null ? null : VisibleJson.Of(text);

    private static string? Visible(string? text) => text is null ? null : VisibleText.Of(text);
}
