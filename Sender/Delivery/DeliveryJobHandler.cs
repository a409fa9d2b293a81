using System.Diagnostics;
using System.Security.Cryptography;
using Aspire.Webhooks.Jobs;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>Makes one attempt of a delivery; the job's attempt counter is the only thing that repeats it.</summary>
public sealed partial class DeliveryJobHandler(
    DeliveryStore deliveries,
    DeliveryClient client,
    EndpointCircuit circuit,
    EndpointPace pace,
    EndpointDeactivation deactivation,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<DeliveryJobHandler> logger) : IJobHandler
{
    // Nothing was sent, and what is missing is ours: keys that are not there (yet), a database. No attempt is used up.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly DeliveryOptions _options = options.Value;

    public static JobKind Kind => JobKind.Delivery;

    public RetrySchedule Schedule { get; } = options.Value.Schedule.Schedule(options.Value.MaxRetries);

    public IReadOnlyDictionary<string, int> PacedLanes() => pace.Free();

    public async Task<JobOutcome> RunAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        StoredDelivery delivery;
        try
        {
            delivery = await deliveries.LoadAsync(job.RefId, cancellationToken);
        }
        catch (Exception exception) when (exception is CryptographicException or NpgsqlException { IsTransient: true })
        {
            LogNotLoaded(logger, job.RefId, exception);
            return JobOutcome.Postpone(Pause, exception is CryptographicException ? exception.Message : null) with { IsSlow = true };
        }

        if (!delivery.Endpoint.Active)
        {
            pace.Forget(job.Lane);
            DeliveryMetrics.Ended("skipped");
            return JobOutcome.Ignored();
        }

        if (Wait(job.Lane, delivery.Endpoint.RateLimit) is { } turn)
        {
            return JobOutcome.Postpone(turn);
        }

        if (await circuit.WaitAsync(delivery.Endpoint, job, cancellationToken) is { } later)
        {
            return later;
        }

        var attempt = await AttemptAsync(job, delivery, cancellationToken);
        var outcome = NextAttempt.After(attempt, job.Attempt, Schedule, _options.MaxRetryAfter, Random.Shared.NextDouble());
        Count(attempt, outcome, delivery);
        return outcome with
        {
            Handover = (transaction, token) => SettleAsync(job, delivery, attempt, outcome, transaction, token),
            // Deliveries that were put off are due. Failures wake nobody: a thousand dead endpoints have many.
            Wakes = attempt.Outcome == AttemptOutcome.Delivered && delivery.Endpoint.Circuit.HasFailed ? Kind : null,
        };
    }

    private TimeSpan? Wait(string lane, int? rateLimit)
    {
        if (rateLimit is { } rate)
        {
            return pace.Take(lane, rate);
        }

        pace.Forget(lane);
        return null;
    }

    private async Task<AttemptResult> AttemptAsync(LeasedJob job, StoredDelivery delivery, CancellationToken cancellationToken)
    {
        using var activity = WebhookTelemetry.StartFrom(delivery.Traceparent, "webhook.deliver", ActivityKind.Producer);
        activity?.SetTag("webhook.message_id", delivery.MessageId);
        activity?.SetTag("webhook.endpoint_id", delivery.Endpoint.Id.ToString());
        activity?.SetTag("webhook.event_type", delivery.EventType);
        activity?.SetTag("webhook.attempt", job.Attempt);

        var attempt = await client.SendAsync(delivery, cancellationToken);
        activity?.SetTag("webhook.outcome", attempt.Outcome.Name());
        activity?.SetTag("http.response.status_code", attempt.StatusCode);
        if (attempt.Outcome != AttemptOutcome.Delivered)
        {
            activity?.SetStatus(ActivityStatusCode.Error, attempt.Error);
        }

        LogAttempt(
            logger, delivery.Endpoint.Id, delivery.EventType, delivery.MessageId, job.Attempt, attempt.Outcome, attempt.StatusCode,
            (int)attempt.Duration.TotalMilliseconds);
        return attempt;
    }

    private void Count(AttemptResult attempt, JobOutcome outcome, StoredDelivery delivery)
    {
        DeliveryMetrics.Attempted(attempt);
        if (attempt.Outcome == AttemptOutcome.Delivered)
        {
            DeliveryMetrics.Delivered(time.GetUtcNow() - delivery.PublishedAt);
        }
        else if (outcome.IsBuried)
        {
            DeliveryMetrics.Ended("failed");
        }
    }

    private async Task SettleAsync(
        LeasedJob job, StoredDelivery delivery, AttemptResult attempt, JobOutcome outcome, NpgsqlTransaction transaction,
        CancellationToken cancellationToken)
    {
        var endpoint = delivery.Endpoint;
        var noted = attempt.Outcome switch
        {
            AttemptOutcome.Delivered => endpoint.Circuit.HasFailed ? EndpointCircuit.Succeeded(endpoint) : [],
            AttemptOutcome.Interrupted => [],
            _ => circuit.Failed(endpoint, attempt, outcome.IsBuried),
        };
        var failed = await transaction.ExecuteAsync([DeliveryStore.Log(job, attempt), .. noted], cancellationToken);
        if (failed is int count && (NextAttempt.SaysGone(attempt) || count >= _options.MaxConsecutiveFailures))
        {
            var reason = NextAttempt.SaysGone(attempt) ? EndpointDeactivation.Gone : EndpointDeactivation.Failures;
            await deactivation.DeactivateAsync(endpoint.Id, reason, transaction, cancellationToken);
        }
    }

    [LoggerMessage(EventId = 4103, Level = LogLevel.Error, Message = "Delivery {DeliveryId} cannot be read and is put off.")]
    private static partial void LogNotLoaded(ILogger logger, Guid deliveryId, Exception exception);

    [LoggerMessage(EventId = 4101, Level = LogLevel.Information,
        Message = "Webhook {EndpointId}, {EventType} {MessageId}, attempt {Attempt}: {Outcome} {Status} in {LatencyMs} ms.")]
    private static partial void LogAttempt(
        ILogger logger, Guid endpointId, string eventType, string messageId, int attempt, AttemptOutcome outcome, int? status, int latencyMs);
}
