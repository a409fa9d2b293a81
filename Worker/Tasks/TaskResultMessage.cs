using System.Text.Json;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Worker.Agent;
using Aspire.Webhooks.Worker.Playbooks;

namespace Aspire.Webhooks.Worker.Tasks;

/// <summary>The payload that carries a task's result, in the shape that Standard Webhooks recommends: type, timestamp, data.</summary>
internal static class TaskResultMessage
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static byte[] Write(StoredTask task, Playbook playbook, WebhookEvent webhookEvent, AgentResult result, DateTimeOffset now) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                Type = playbook.Options.ResultType,
                Timestamp = now,
                Data = new
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
                },
            },
            Json);
}
