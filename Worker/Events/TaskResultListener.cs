using Aspire.Webhooks.Listeners;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>
/// Hears our own task results when they come back through the <c>standard</c> source, as the Development stack's
/// loop-back endpoint sends them: the round trip sign, deliver, verify, seen from its far end.
/// </summary>
public sealed partial class TaskResultListener(ILogger<TaskResultListener> logger) : WebhookListener
{
    public override string Source => "standard";

    public override Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken)
    {
        LogCameBack(logger, webhookEvent.EventType, webhookEvent.DeliveryId);
        return Task.CompletedTask;
    }

    [LoggerMessage(
        EventId = 3101, Level = LogLevel.Information,
        Message = "{EventType} {DeliveryId} came in through the standard source, verified.")]
    private static partial void LogCameBack(ILogger logger, string eventType, string deliveryId);
}
