using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>How an endpoint has been doing, when a delivery was loaded.</summary>
/// <param name="FailedAttempts">In a row.</param>
/// <param name="FailedDeliveries">In a row, all their attempts used up.</param>
/// <param name="HeldUntil">While the circuit is open or is being tried; null when it is closed.</param>
/// <param name="HeldFor">The time until then, by the database's clock.</param>
public sealed record CircuitState(int FailedAttempts, int FailedDeliveries, DateTimeOffset? HeldUntil, TimeSpan HeldFor)
{
    /// <summary>Whether a success has something to make good.</summary>
    public bool HasFailed => FailedAttempts > 0 || FailedDeliveries > 0 || HeldUntil is not null;
}

/// <summary>
/// An endpoint's circuit, in its row and so the same for every Sender: closed; open after several failed attempts in a row;
/// half open when the hold ends, for one attempt, which closes it or opens it again. While it is open its deliveries wait;
/// no attempt of theirs is used up.
/// </summary>
public sealed class EndpointCircuit(NpgsqlDataSource database, IOptions<DeliveryOptions> options)
{
    // Whoever changes the time that was read is the one who tries. Of those that were claimed together it is one with the most
    // attempts: at one attempt per hold, deliveries are given up one after the other, so that an endpoint that stays dead is
    // made inactive at last.
    private const string TrySql = """
        update webhooks.endpoints set held_until = now() + $3
        where id = $1 and held_until = $2 and not exists (
            select from webhooks.jobs where kind = 'delivery' and lane = $1::text and state = 'running' and attempt > $4)
        """;

    // Three statements: each that changes the endpoint begins with the row as the lock found it. One that locks a newer row than
    // it saw and then changes it waits for whoever waits for the lock.
    private const string LockSql = "select from webhooks.endpoints where id = $1 for no key update";

    // What was put off until the end of the hold is due now. It is told by its time, which nothing else shares but by chance.
    private const string PutForwardSql = """
        update webhooks.jobs job set due_at = now()
        from (
            select pending.id from webhooks.endpoints endpoint
            join webhooks.jobs pending on pending.due_at >= endpoint.held_until and pending.due_at < endpoint.held_until + interval '1 second'
            where endpoint.id = $1 and pending.kind = 'delivery' and pending.lane = $1::text and pending.state = 'pending'
            for no key update of pending skip locked) waiting
        where job.id = waiting.id
        """;

    private const string CloseSql = """
        update webhooks.endpoints set failed_attempts = 0, failed_deliveries = 0, failing_since = null, held_until = null where id = $1
        """;

    // Attempts that were under way when the circuit opened do not prolong the hold: only the one that tries does.
    private const string FailSql = """
        update webhooks.endpoints
        set failed_attempts = failed_attempts + 1,
            failed_deliveries = failed_deliveries + $2,
            failing_since = coalesce(failing_since, now()),
            held_until = case
                when failed_attempts + 1 < $4 then null
                when held_until > now() and not $3 then held_until
                else now() + least(greatest(now() - failing_since, $5), $6) end
        where id = $1
        returning failed_deliveries, held_until
        """;

    // Those with the most attempts come first, for the reason above. A thousand at a time bounds the statement; the others are
    // put off one by one as they are claimed.
    private const string PutOffSql = """
        update webhooks.jobs job set due_at = $2 + place * interval '1 microsecond'
        from (
            select id, row_number() over (order by attempt desc, due_at) as place
            from (
                select id, attempt, due_at from webhooks.jobs
                where kind = 'delivery' and lane = $1 and state = 'pending' and due_at <= $2
                order by due_at limit 1000
                for no key update skip locked) due) waiting
        where job.id = waiting.id
        """;

    // Longer than an attempt takes: nobody else tries meanwhile.
    private static readonly TimeSpan TryMargin = TimeSpan.FromSeconds(5);

    private readonly DeliveryOptions _options = options.Value;

    /// <summary>Asks for an attempt.</summary>
    /// <param name="endpoint">As the delivery was loaded with it.</param>
    /// <param name="attempt">1 for the delivery's first.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <returns>Null when it may be made; else how long to wait.</returns>
    public async Task<TimeSpan?> WaitAsync(StoredEndpoint endpoint, int attempt, CancellationToken cancellationToken)
    {
        if (endpoint.Circuit.HeldUntil is not { } heldUntil)
        {
            return null;
        }

        if (endpoint.Circuit.HeldFor > TimeSpan.Zero)
        {
            return endpoint.Circuit.HeldFor;
        }

        var time = _options.Timeout + TryMargin;
        await using var command = database.CreateCommand(TrySql);
        command.Parameters.Add(new() { Value = endpoint.Id });
        command.Parameters.Add(new() { Value = heldUntil });
        command.Parameters.Add(new() { Value = time });
        command.Parameters.Add(new() { Value = attempt });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1 ? null : time;
    }

    /// <summary>Notes a success, in the transaction that settles the job.</summary>
    public static async Task SucceededAsync(Guid endpoint, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var sql in new[] { LockSql, PutForwardSql, CloseSql })
        {
            batch.BatchCommands.Add(new(sql) { Parameters = { new() { Value = endpoint } } });
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Notes a failed attempt, in the transaction that settles the job.</summary>
    /// <param name="endpoint">As the delivery was loaded with it.</param>
    /// <param name="gaveUp">Whether it was the delivery's last.</param>
    /// <returns>How many deliveries in a row have failed now.</returns>
    public async Task<int> FailedAsync(
        StoredEndpoint endpoint, bool gaveUp, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        int failedDeliveries;
        DateTime? heldUntil;
        await using (var command = new NpgsqlCommand(FailSql, transaction.Connection, transaction))
        {
            command.Parameters.Add(new() { Value = endpoint.Id });
            command.Parameters.Add(new() { Value = gaveUp ? 1 : 0 });
            command.Parameters.Add(new() { Value = endpoint.Circuit.HeldUntil is not null });
            command.Parameters.Add(new() { Value = _options.Circuit.Threshold });
            command.Parameters.Add(new() { Value = _options.Circuit.Hold });
            command.Parameters.Add(new() { Value = _options.Circuit.MaxHold });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            failedDeliveries = reader.GetInt32(0);
            heldUntil = await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetDateTime(1);
        }

        if (heldUntil is { } until)
        {
            await using var putOff = new NpgsqlCommand(PutOffSql, transaction.Connection, transaction);
            putOff.Parameters.Add(new() { Value = endpoint.Id.ToString() });
            putOff.Parameters.Add(new() { Value = until, NpgsqlDbType = NpgsqlDbType.TimestampTz });
            await putOff.ExecuteNonQueryAsync(cancellationToken);
        }

        return failedDeliveries;
    }
}
