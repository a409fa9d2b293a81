using System.Diagnostics;
using Aspire.Webhooks.Jobs;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Worker.Agent;
using Aspire.Webhooks.Worker.Events;
using Aspire.Webhooks.Worker.Playbooks;

namespace Aspire.Webhooks.Worker.Tasks;

/// <summary>Runs an agent task and publishes its result in the transaction that settles it.</summary>
public sealed partial class TaskJobHandler(
    TaskStore tasks,
    EventStore events,
    PlaybookCatalog playbooks,
    Redactor redactor,
    TimeProvider time,
    ILogger<TaskJobHandler> logger) : IJobHandler
{
    public static JobKind Kind => JobKind.Task;

    public RetrySchedule Schedule => RetrySchedule.Default;

    public async Task<JobOutcome> RunAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        var task = await tasks.LoadAsync(job.RefId, cancellationToken);
        if (playbooks.Find(task.Playbook) is not { } playbook)
        {
            return JobOutcome.Bury($"The playbook '{task.Playbook}' is no longer configured.");
        }

        var (webhookEvent, _) = await events.LoadAsync(task.EventId, cancellationToken);
        using var activity = WebhookTelemetry.StartFrom(task.Traceparent, $"invoke_agent {playbook.Options.Agent}", ActivityKind.Internal);
        activity?.SetTag("gen_ai.operation.name", "invoke_agent");
        activity?.SetTag("gen_ai.agent.name", playbook.Options.Agent);
        activity?.SetTag("webhook.task_id", task.Id.ToString());
        activity?.SetTag("webhook.playbook", playbook.Name);
        activity?.SetTag("webhook.attempt", job.Attempt);

        await tasks.AppendStepAsync(task.Id, 0, "prompt", redactor.Redact(playbook.Options.Instructions), cancellationToken);
        var result = RulesAgent.Run(webhookEvent).Redacted(redactor);
        await tasks.AppendStepAsync(task.Id, 1, "result", result.Summary, cancellationToken);
        LogCompleted(logger, task.Id, playbook.Name, webhookEvent.Id);

        var now = time.GetUtcNow();
        var message = new NewMessage(
            playbook.Options.Merchant, playbook.Options.ResultType, TaskResultMessage.Write(task, playbook, webhookEvent, result, now), $"task:{task.Id}")
        {
            TaskId = task.Id,
            Traceparent = activity?.Id ?? task.Traceparent,
        };
        return JobOutcome.Done() with
        {
            Wakes = JobKind.Delivery,
            Handover = async (transaction, token) =>
            {
                await TaskStore.FinishAsync(task.Id, result.ToJson(), now, transaction, token);
                await MessagePublisher.PublishAsync(message, transaction, time, token);
            },
        };
    }

    [LoggerMessage(EventId = 3201, Level = LogLevel.Information, Message = "Task {TaskId} of playbook {Playbook} for event {EventId} is done.")]
    private static partial void LogCompleted(ILogger logger, Guid taskId, string playbook, Guid eventId);
}
