using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Completes tasks of built-in and external agents. The result and its message are stored in the transaction that settles the
/// job.
/// </summary>
public sealed class TaskCompletion(TimeProvider time)
{
    /// <summary>Returns the outcome of a completed task.</summary>
    /// <param name="result">The redacted result.</param>
    /// <param name="traceparent">The trace that the deliveries of the message continue.</param>
    public JobOutcome Complete(
        StoredTask task, Playbook playbook, WebhookEvent webhookEvent, AgentResult result, string? traceparent)
    {
        var now = time.GetUtcNow();
        var message = new NewMessage(
            playbook.Options.Merchant, playbook.Options.ResultType,
            TaskResultMessage.Write(task, playbook, webhookEvent, result, now), $"task:{task.Id}")
        {
            TaskId = task.Id,
            Traceparent = traceparent,
        };
        var wake = new JobWake(JobKind.Delivery);
        return JobOutcome.Done() with
        {
            Wakes = wake,
            Writes = [TaskStore.Finish.Of((task.Id, result.ToJson(), now))],
            Handover = async (transaction, token) =>
            {
                wake.Lanes = (await MessagePublisher.PublishAsync(message, transaction, time, token)).Lanes;
            },
        };
    }
}
