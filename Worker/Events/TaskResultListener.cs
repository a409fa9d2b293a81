using Aspire.Webhooks.Listeners;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>
/// Handles our own task results that the Development stack's loopback endpoint sends to the <c>standard</c> source. It shows
/// that the round trip of signing, delivery and verification works.
/// </summary>
public sealed partial class TaskResultListener(ILogger<TaskResultListener> logger) : WebhookListener
{
    public override string Source => "standard";

    public override Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken)
    {
        LogReceived(logger, webhookEvent.EventType, webhookEvent.DeliveryId);
        return Task.CompletedTask;
    }

    [LoggerMessage(
        EventId = 3101, Level = LogLevel.Information,
        Message = "The source standard received and verified {EventType} {DeliveryId}.")]
    private static partial void LogReceived(ILogger logger, string eventType, string deliveryId);
}
