using System.Diagnostics;
using System.Security.Cryptography;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>Makes one attempt of a delivery. Only the queue repeats it, by the job's attempt counter.</summary>
public sealed partial class DeliveryJobHandler(
    DeliveryStore deliveries,
    DeliveryClient client,
    EndpointCircuit circuit,
    EndpointPace pace,
    EndpointDeactivation deactivation,
    OperatorEvents operators,
    RestoreGuard restore,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<DeliveryJobHandler> logger) : IJobHandler<DeliveryRow?>
{
    // The wait when nothing was sent because of a fault of ours, such as a missing key or database. It does not count as an
    // attempt.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    // How long the data read with the claim is used. Afterwards the endpoint may have been changed or deleted.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly DeliveryOptions _options = options.Value;

    public static JobKind Kind => JobKind.Delivery;

    public static string Columns => DeliveryStore.Columns;

    public static string Joins => DeliveryStore.Joins;

    public RetrySchedule Schedule { get; } = options.Value.Schedule.ToRetrySchedule(options.Value.MaxRetries);

    public static DeliveryRow? Read(NpgsqlDataReader reader, int first, LeasedJob job) =>
        DeliveryStore.Read(reader, first, job.RefId);

    public Task ReadyAsync(CancellationToken cancellationToken) => restore.WaitAsync(cancellationToken);

    public int? Paced(string lane) => pace.Free(lane);

    public JobOutcome Buried(LeasedJob job, JobOutcome outcome) => operators.Tell(Kind, job, outcome);

    public async Task<JobOutcome> RunAsync(LeasedJob job, DeliveryRow? row, CancellationToken cancellationToken)
    {
        StoredDelivery delivery;
        try
        {
            delivery = row is not null && time.GetElapsedTime(job.ClaimedAt) < Fresh
                ? deliveries.Open(row)
                : await deliveries.LoadAsync(job.RefId, cancellationToken);
        }
        catch (Exception exception) when (exception is CryptographicException or NpgsqlException { IsTransient: true })
        {
            LogNotLoaded(logger, job.RefId, exception);
            return JobOutcome.Postpone(Pause, exception is CryptographicException ? exception.Message : null);
        }
        catch (ContentDeletedException exception)
        {
            return JobOutcome.Bury(exception.Message);
        }

        if (!delivery.Endpoint.Active)
        {
            pace.Forget(job.Lane);
            return JobOutcome.Ignored() with { Committed = DeliveryMetrics.Skipped };
        }

        if (Wait(job.Lane, delivery.Endpoint.RateLimit) is { } turn)
        {
            return JobOutcome.Postpone(turn);
        }

        var attempt = await AttemptAsync(job, delivery, cancellationToken);
        var outcome = DeliveryRetry.After(attempt, job.Failures, Schedule, _options.MaxRetryAfter, Random.Shared.NextDouble());
        var latency = time.GetUtcNow() - delivery.PublishedAt;
        string? deactivated = null;
        outcome = outcome with
        {
            Committed = () =>
            {
                Count(attempt, outcome.IsBuried, latency, job.Attempt);
                deactivation.Committed(delivery.Endpoint.Id, deactivated);
            },
        };
        var isRecovery = delivery.Endpoint.Circuit.HasFailed || job.IsTrial;
        return attempt.Outcome switch
        {
            // The endpoint has recovered: its waiting deliveries can be claimed.
            AttemptOutcome.Delivered when isRecovery => outcome with
            {
                Handover = (transaction, token) => EndpointCircuit.SucceededAsync(
                    delivery.Endpoint, job, DeliveryStore.Log.For((job, attempt)), transaction, token),
                Wakes = new(Kind) { Lanes = [job.Lane] },
            },
            AttemptOutcome.Delivered or AttemptOutcome.Interrupted =>
                outcome with { Writes = [DeliveryStore.Log.Of((job, attempt))] },
            _ => outcome with
            {
                Handover = async (transaction, token) =>
                    deactivated = await FailAsync(job, delivery, attempt, outcome.IsBuried, transaction, token),
            },
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
        DeliveryMetrics.Attempted(attempt);
        activity?.SetTag("webhook.outcome", attempt.Outcome.Name());
        activity?.SetTag("http.response.status_code", attempt.StatusCode);
        if (attempt.Outcome != AttemptOutcome.Delivered)
        {
            activity?.SetStatus(ActivityStatusCode.Error, attempt.Error);
        }

        LogAttempt(
            logger, delivery.Endpoint.Id, delivery.EventType, delivery.MessageId, job.Attempt, attempt.Outcome,
            attempt.StatusCode, (int)attempt.Duration.TotalMilliseconds);
        return attempt;
    }

    private static void Count(AttemptResult attempt, bool gaveUp, TimeSpan latency, int attempts)
    {
        if (attempt.Outcome == AttemptOutcome.Delivered)
        {
            DeliveryMetrics.Delivered(latency, attempts);
        }
        else if (gaveUp)
        {
            DeliveryMetrics.Failed(attempts);
        }
    }

    /// <returns>The reason why the endpoint is now inactive; null when this failure did not deactivate it.</returns>
    private async Task<string?> FailAsync(
        LeasedJob job, StoredDelivery delivery, AttemptResult attempt, bool gaveUp, NpgsqlTransaction transaction,
        CancellationToken cancellationToken)
    {
        var endpoint = delivery.Endpoint;
        var failed = await circuit.FailedAsync(
            endpoint, job, attempt.Outcome == AttemptOutcome.Timeout, gaveUp, DeliveryStore.Log.For((job, attempt)), transaction,
            cancellationToken);
        if (failed is not { } count || !(DeliveryRetry.IsGone(attempt) || count >= _options.MaxConsecutiveFailures))
        {
            return null;
        }

        var reason = DeliveryRetry.IsGone(attempt) ? EndpointDeactivation.Gone : EndpointDeactivation.Failures;
        return await deactivation.DeactivateAsync(endpoint.Id, reason, transaction, cancellationToken) ? reason : null;
    }

    [LoggerMessage(EventId = 4103, Level = LogLevel.Error, Message = "Delivery {DeliveryId} cannot be read and is postponed.")]
    private static partial void LogNotLoaded(ILogger logger, Guid deliveryId, Exception exception);

    [LoggerMessage(EventId = 4101, Level = LogLevel.Information,
        Message = "Endpoint {EndpointId}, {EventType} {MessageId}, attempt {Attempt}: {Outcome} {Status} in {LatencyMs} ms.")]
    private static partial void LogAttempt(
        ILogger logger, Guid endpointId, string eventType, string messageId, int attempt, AttemptOutcome outcome, int? status,
        int latencyMs);
}
