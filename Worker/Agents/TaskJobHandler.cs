using System.Diagnostics;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Events;
using Npgsql;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Runs an agent task, which then is completed, waits for a person, or is buried.</summary>
public sealed partial class TaskJobHandler(
    TaskStore tasks,
    PlaybookCatalog playbooks,
    AgentRun agent,
    TaskCompletion completion,
    StepStore steps,
    ApprovalRequests approvals,
    OperatorEvents operators,
    ILogger<TaskJobHandler> logger) : IJobHandler<LoadedTask?>
{
    public static JobKind Kind => JobKind.Task;

    public static string Columns => TaskStore.ClaimColumns;

    public static string Joins => TaskStore.ClaimJoins;

    public RetrySchedule Schedule => RetrySchedule.Default;

    public TimeSpan? RetryAfter(Exception exception) => (exception as ModelServerException)?.RetryAfter;

    public static LoadedTask? Read(NpgsqlDataReader reader, int first, LeasedJob job) => TaskStore.Read(reader, job.RefId, first);

    public JobOutcome Buried(LeasedJob job, JobOutcome outcome) => operators.Tell(Kind, job, outcome);

    public async Task<JobOutcome> RunAsync(LeasedJob job, LoadedTask? loaded, CancellationToken cancellationToken)
    {
        try
        {
            loaded ??= await tasks.LoadAsync(job.RefId, cancellationToken);
        }
        catch (ContentDeletedException exception)
        {
            return JobOutcome.Bury(exception.Message);
        }

        var (task, webhookEvent, done) = loaded;
        if (playbooks.Find(task.Playbook) is not { } playbook)
        {
            return JobOutcome.Bury($"The playbook '{task.Playbook}' is no longer configured.");
        }

        if (playbook.IsExternal)
        {
            return JobOutcome.Bury($"The playbook '{task.Playbook}' is now for external agents.");
        }

        var work = new AgentWork(job, task, playbook, webhookEvent, done);
        using var activity = AgentTelemetry.StartAgent(work);
        try
        {
            var outcome = await agent.RunAsync(work, cancellationToken);
            return steps.With(OutcomeOf(outcome, work, activity), task.Id, outcome.Unstored);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            AgentTelemetry.Failed(activity, exception);
            throw;
        }
    }

    private JobOutcome OutcomeOf(AgentOutcome outcome, AgentWork work, Activity? activity)
    {
        var (_, task, playbook, webhookEvent, _) = work;
        switch (outcome)
        {
            case AgentOutcome.Completed { Result: var result }:
                LogCompleted(logger, task.Id, playbook.Name, webhookEvent.Id);
                return completion.Complete(task, playbook, webhookEvent, result, activity?.Id ?? task.Traceparent);
            case AgentOutcome.Waiting { Request: var request, Deadline: var deadline }:
                LogWaiting(logger, task.Id, playbook.Name, webhookEvent.Id);
                return Wait(task, request, deadline);
            case AgentOutcome.GaveUp { Reason: var reason }:
                activity?.SetStatus(ActivityStatusCode.Error, reason);
                LogGaveUp(logger, task.Id, playbook.Name, webhookEvent.Id, reason);
                return JobOutcome.Bury(reason);
            default:
                throw new UnreachableException();
        }
    }

    // The request is stored in the transaction that lets the task wait, so that it can be decided as soon as it is visible.
    private JobOutcome Wait(StoredTask task, TaskStep? request, TimeSpan deadline) => JobOutcome.Wait(deadline) with
    {
        Handover = request is null ? null : (transaction, token) =>
            approvals.RequestAsync(task.Id, request.Position, request.Tool!, request.Data!, deadline, transaction, token),
    };

    [LoggerMessage(
        EventId = 3201, Level = LogLevel.Information,
        Message = "Task {TaskId} of playbook {Playbook} for event {EventId} is done.")]
    private static partial void LogCompleted(ILogger logger, Guid taskId, string playbook, Guid eventId);

    [LoggerMessage(
        EventId = 3202, Level = LogLevel.Information,
        Message = "Task {TaskId} of playbook {Playbook} for event {EventId} waits for approval.")]
    private static partial void LogWaiting(ILogger logger, Guid taskId, string playbook, Guid eventId);

    [LoggerMessage(
        EventId = 3203, Level = LogLevel.Warning,
        Message = "Task {TaskId} of playbook {Playbook} for event {EventId} failed: {Reason}")]
    private static partial void LogGaveUp(ILogger logger, Guid taskId, string playbook, Guid eventId, string reason);
}
