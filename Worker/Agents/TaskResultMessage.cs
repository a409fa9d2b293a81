using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Writes the payload of the message with the result of a task.</summary>
internal static class TaskResultMessage
{
    public static byte[] Write(
        StoredTask task, Playbook playbook, WebhookEvent webhookEvent, AgentResult result, DateTimeOffset now) =>
        MessagePayload.Write(playbook.Options.ResultType, now, new
        {
            TaskId = task.Id,
            EventId = webhookEvent.Id,
            webhookEvent.Source,
            webhookEvent.EventType,
            webhookEvent.DeliveryId,
            Playbook = playbook.Name,
            playbook.Options.Agent,
            result.Summary,
            result.Facts,
        });
}
