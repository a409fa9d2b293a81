using System.Diagnostics.Metrics;
using System.Text.Json;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Npgsql;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>Makes an endpoint inactive, and publishes that to the merchant's other endpoints and to operators.</summary>
public sealed partial class EndpointDeactivation(
    OperatorEvents operators, TimeProvider time, ILogger<EndpointDeactivation> logger)
{
    /// <summary>The type of the published message. Endpoints subscribe to it as to any other type.</summary>
    public const string EventType = OperatorEvents.EndpointDisabled;

    /// <summary>The endpoint answered 410.</summary>
    public const string Gone = "gone";

    /// <summary>Too many consecutive deliveries have failed.</summary>
    public const string Failures = "failures";

    private static readonly Counter<long> Deactivations =
        WebhookTelemetry.Meter.CreateCounter<long>(
            "webhook.endpoints.deactivated", "{endpoint}", "Endpoints made inactive, by reason.");

    private const string DeactivateSql = """
        update webhooks.endpoints
        set active = false, disabled_at = $3, disabled_reason = $2, updated_at = $3
        where id = $1 and active
        returning merchant_id, description, failed_deliveries, failing_since
        """;

    /// <summary>Counts 0 for each reason. See <see cref="FirstValues"/>.</summary>
    public static void Begin()
    {
        foreach (var reason in (string[])[Gone, Failures])
        {
            Deactivations.Add(0, new KeyValuePair<string, object?>("reason", reason));
        }
    }

    /// <summary>
    /// Makes an endpoint inactive, in the transaction that settles the job. An inactive endpoint is not changed.
    /// </summary>
    /// <returns>Whether the endpoint was active.</returns>
    public async Task<bool> DeactivateAsync(
        Guid endpoint, string reason, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        NewMessage message;
        object data;
        await using (var command = new NpgsqlCommand(DeactivateSql, transaction.Connection, transaction))
        {
            command.Parameters.Add(new() { Value = endpoint });
            command.Parameters.Add(new() { Value = reason });
            command.Parameters.Add(new() { Value = now });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (!await reader.ReadAsync(cancellationToken))
            {
                return false;
            }

            DateTimeOffset? failingSince = await reader.IsDBNullAsync(3, cancellationToken)
                ? null
                : await reader.GetFieldValueAsync<DateTimeOffset>(3, cancellationToken);
            var payload = Payload(endpoint, reader.GetString(1), reason, reader.GetInt32(2), failingSince, now);
            message = new NewMessage(
                reader.GetString(0), EventType, payload,
                $"{EventType}:{endpoint}:{now.ToUnixTimeMilliseconds()}") { ExceptEndpoint = endpoint };
            data = new
            {
                EndpointId = endpoint, message.MerchantId, Reason = reason, FailedDeliveries = reader.GetInt32(2),
                FailingSince = failingSince,
            };
        }

        await transaction.ExecuteAsync([JobLanes.Release(JobKind.Delivery, endpoint.ToString())], cancellationToken);
        await MessagePublisher.PublishAsync(message, transaction, time, cancellationToken);
        await operators.PublishAsync(
            EventType, $"{endpoint}:{now.ToUnixTimeMilliseconds()}",
            $"/endpoints/{endpoint}?merchant={Uri.EscapeDataString(message.MerchantId)}", data, transaction, cancellationToken,
            message.MerchantId);
        return true;
    }

    /// <summary>Counts and logs a deactivation after its transaction was committed.</summary>
    /// <param name="reason">The reason; null when the endpoint was not made inactive.</param>
    public void Committed(Guid endpoint, string? reason)
    {
        if (reason is not null)
        {
            Deactivations.Add(1, new KeyValuePair<string, object?>("reason", reason));
            LogDeactivated(logger, endpoint, reason);
        }
    }

    private static byte[] Payload(
        Guid endpoint, string description, string reason, int failedDeliveries, DateTimeOffset? failingSince,
        DateTimeOffset now) =>
        JsonSerializer.SerializeToUtf8Bytes(new
        {
            type = EventType,
            timestamp = now,
            data = new
            {
                endpoint_id = endpoint, description, reason, failed_deliveries = failedDeliveries, failing_since = failingSince,
            },
        });

    [LoggerMessage(EventId = 4102, Level = LogLevel.Warning, Message = "Endpoint {EndpointId} is inactive now: {Reason}.")]
    private static partial void LogDeactivated(ILogger logger, Guid endpointId, string reason);
}
