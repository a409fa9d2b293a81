using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Npgsql;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>
/// The circuit breaker of endpoints. Several consecutive failed attempts open it, and the queue holds the endpoint's lane. When
/// the hold ends, it is half-open for one attempt, which closes it or opens it again. While it is open, deliveries wait without
/// using up attempts.
/// </summary>
public sealed class EndpointCircuit(CircuitOptions options)
{
    /// <summary><c>webhook.circuits.open</c>: the number of endpoints whose circuit is open.</summary>
    public static readonly DatabaseGauges OpenCircuits = new(
        "select count(*)::float8 from webhooks.lanes where kind = 'delivery' and held_until > now()",
        WebhookTelemetry.Meter.CreateGauge<double>(
            "webhook.circuits.open", "{endpoint}", "Endpoints whose circuit is open."));

    // An attempt that was sent to another URL does not count for this one.
    private const string CloseSql = """
        update webhooks.endpoints set failed_attempts = 0, failed_deliveries = 0, failing_since = null
        where id = $1 and url = $2
        returning true
        """;

    private const string FailSql = """
        update webhooks.endpoints
        set failed_attempts = failed_attempts + 1, failed_deliveries = failed_deliveries + $3,
            failing_since = coalesce(failing_since, now())
        where id = $1 and url = $2
        returning failed_attempts, failed_deliveries, now() - failing_since
        """;

    // Two attempts that time out are enough, because each takes a place until its timeout.
    private const int TimeoutThreshold = 2;

    // Up to a fifth is added to a hold at random.
    private const double Jitter = 0.2;

    /// <summary>Returns how long to hold the endpoint after a failed attempt.</summary>
    /// <param name="failures">The number of consecutive failed attempts, including the last one.</param>
    /// <param name="failingFor">The time since the first of them.</param>
    /// <param name="timedOut">Whether the last one timed out.</param>
    /// <param name="random">A random number from 0 to 1. It makes holds differ a little, so that endpoints that failed together
    /// are not tried together.</param>
    /// <returns>The time; null when the circuit stays closed.</returns>
    public static TimeSpan? HoldAfter(int failures, TimeSpan failingFor, bool timedOut, CircuitOptions options, double random)
    {
        if (failures < (timedOut ? Math.Min(options.Threshold, TimeoutThreshold) : options.Threshold))
        {
            return null;
        }

        var longest = failingFor < options.MaxHold ? failingFor : options.MaxHold;
        return (longest > options.Hold ? longest : options.Hold) * (1 + (Jitter * random));
    }

    /// <summary>Closes the circuit after a success, in the transaction that settles the job.</summary>
    /// <param name="endpoint">The endpoint as the attempt used it.</param>
    /// <param name="log">The command that stores the attempt.</param>
    public static async Task SucceededAsync(
        StoredEndpoint endpoint, LeasedJob job, NpgsqlBatchCommand log, NpgsqlTransaction transaction,
        CancellationToken cancellationToken)
    {
        var close = new NpgsqlBatchCommand(
            CloseSql) { Parameters = { new() { Value = endpoint.Id }, new() { Value = endpoint.Url.OriginalString } } };
        if (await transaction.ExecuteAsync([log, close], cancellationToken) is true)
        {
            await transaction.ExecuteAsync([JobLanes.Release(JobKind.Delivery, job.Lane)], cancellationToken);
        }
    }

    /// <summary>Counts a failed attempt and may open the circuit, in the transaction that settles the job.</summary>
    /// <param name="endpoint">The endpoint as the attempt used it.</param>
    /// <param name="timedOut">Whether the attempt timed out.</param>
    /// <param name="gaveUp">Whether it was the last attempt of the delivery.</param>
    /// <param name="log">The command that stores the attempt, in the same round trip.</param>
    /// <returns>
    /// The number of consecutive failed deliveries; null when the endpoint's URL has changed, and the failure is not counted.
    /// </returns>
    public async Task<int?> FailedAsync(
        StoredEndpoint endpoint, LeasedJob job, bool timedOut, bool gaveUp, NpgsqlBatchCommand log, NpgsqlTransaction transaction,
        CancellationToken cancellationToken)
    {
        int failures, deliveries;
        TimeSpan failingFor;
        await using (var batch = new NpgsqlBatch(transaction.Connection, transaction))
        {
            batch.BatchCommands.Add(log);
            batch.BatchCommands.Add(new(FailSql)
            {
                Parameters =
                {
                    new() { Value = endpoint.Id }, new() { Value = endpoint.Url.OriginalString },
                    new() { Value = gaveUp ? 1 : 0 },
                },
            });
            await batch.PrepareAsync(cancellationToken);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            if (!await reader.ReadAsync(cancellationToken))
            {
                return null;
            }

            (failures, deliveries, failingFor) = (reader.GetInt32(0), reader.GetInt32(1), reader.GetTimeSpan(2));
        }

        // Attempts that were in progress when the circuit opened do not extend the hold. A failed trial does.
        if (HoldAfter(failures, failingFor, timedOut, options, Random.Shared.NextDouble()) is { } hold)
        {
            await transaction.ExecuteAsync([JobLanes.Hold(JobKind.Delivery, job.Lane, hold, job.IsTrial)], cancellationToken);
        }

        return deliveries;
    }
}
