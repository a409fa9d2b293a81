using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Npgsql;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>
/// An endpoint's circuit: closed; open after several failed attempts in a row, and then the queue holds the endpoint's lane; half
/// open when the hold ends, for one attempt, which closes it or opens it again. While it is open its deliveries wait; no attempt
/// of theirs is used up.
/// </summary>
public sealed class EndpointCircuit(CircuitOptions options)
{
    // Attempts that were made to another URL say nothing of this one.
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

    // Two attempts that run out of time are enough: what hangs costs a place for as long.
    private const int TimeoutThreshold = 2;

    // Holds are up to a fifth longer by chance.
    private const double Jitter = 0.2;

    /// <summary>For how long no attempt is made.</summary>
    /// <param name="failures">Failed attempts in a row, the last one included.</param>
    /// <param name="failingFor">The time since the first of them.</param>
    /// <param name="timedOut">Whether the last one ran out of time.</param>
    /// <param name="random">From 0 to 1. Holds differ a little, so that endpoints that failed together are not tried
    /// together.</param>
    /// <returns>Null when the circuit stays closed.</returns>
    public static TimeSpan? HoldAfter(int failures, TimeSpan failingFor, bool timedOut, CircuitOptions options, double random)
    {
        if (failures < (timedOut ? Math.Min(options.Threshold, TimeoutThreshold) : options.Threshold))
        {
            return null;
        }

        var longest = failingFor < options.MaxHold ? failingFor : options.MaxHold;
        return (longest > options.Hold ? longest : options.Hold) * (1 + (Jitter * random));
    }

    /// <summary>Notes a success, in the transaction that settles the job.</summary>
    /// <param name="endpoint">As the delivery was loaded with it.</param>
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

    /// <summary>Notes a failed attempt, in the transaction that settles the job.</summary>
    /// <param name="endpoint">As the delivery was loaded with it.</param>
    /// <param name="timedOut">Whether it ran out of time.</param>
    /// <param name="gaveUp">Whether it was the delivery's last.</param>
    /// <param name="log">Stores the attempt, in the same round trip.</param>
    /// <returns>
    /// How many deliveries in a row have failed now; null when the endpoint has another URL by now, which counts nothing.
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

        // Attempts that were under way when the circuit opened do not prolong the hold; the one that tries does.
        if (HoldAfter(failures, failingFor, timedOut, options, Random.Shared.NextDouble()) is { } hold)
        {
            await transaction.ExecuteAsync([JobLanes.Hold(JobKind.Delivery, job.Lane, hold, job.IsTrial)], cancellationToken);
        }

        return deliveries;
    }
}
