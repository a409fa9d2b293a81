using System.Diagnostics;
using Aspire.Webhooks.Jobs;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>Makes one attempt of a delivery; the job's attempt counter is the only thing that repeats it.</summary>
public sealed partial class DeliveryJobHandler(DeliveryStore deliveries, DeliveryClient client, ILogger<DeliveryJobHandler> logger) : IJobHandler
{
    public static JobKind Kind => JobKind.Delivery;

    public RetrySchedule Schedule => RetrySchedule.Default;

    public async Task<JobOutcome> RunAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        var delivery = await deliveries.LoadAsync(job.RefId, cancellationToken);
        if (!delivery.Endpoint.Active)
        {
            return JobOutcome.Ignored();
        }

        using var activity = WebhookTelemetry.StartFrom(delivery.Traceparent, "webhook.deliver", ActivityKind.Producer);
        activity?.SetTag("webhook.message_id", delivery.MessageId);
        activity?.SetTag("webhook.endpoint_id", delivery.Endpoint.Id.ToString());
        activity?.SetTag("webhook.event_type", delivery.EventType);
        activity?.SetTag("webhook.attempt", job.Attempt);

        var attempt = await client.SendAsync(delivery, cancellationToken);
        activity?.SetTag("webhook.outcome", attempt.Outcome.Name());
        activity?.SetTag("http.response.status_code", attempt.StatusCode);
        LogAttempt(
            logger, delivery.Endpoint.Id, delivery.EventType, delivery.MessageId, job.Attempt, attempt.Outcome, attempt.StatusCode,
            (int)attempt.Duration.TotalMilliseconds);

        if (attempt.Outcome != AttemptOutcome.Delivered)
        {
            activity?.SetStatus(ActivityStatusCode.Error, attempt.Error);
        }

        var outcome = attempt.Outcome switch
        {
            AttemptOutcome.Delivered => JobOutcome.Done(),
            // Counted, though the endpoint has not failed: the POST may have been made.
            AttemptOutcome.Interrupted => JobOutcome.Retry(TimeSpan.Zero, attempt.Error!),
            _ => Schedule.AfterFailure(job.Attempt, attempt.Error!),
        };
        return outcome with { Handover = (transaction, token) => DeliveryStore.LogAsync(job, attempt, transaction, token) };
    }

    [LoggerMessage(EventId = 4101, Level = LogLevel.Information,
        Message = "Webhook {EndpointId}, {EventType} {MessageId}, attempt {Attempt}: {Outcome} {Status} in {LatencyMs} ms.")]
    private static partial void LogAttempt(
        ILogger logger, Guid endpointId, string eventType, string messageId, int attempt, AttemptOutcome outcome, int? status, int latencyMs);
}
