using Aspire.Webhooks.Jobs;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

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
    private const string LockSql = "select from webhooks.endpoints where id = $1 and url = $2 for no key update";

    private static readonly string PutForwardSql = HoldEnd.PutForward("endpoint.url = $2");

    private const string CloseSql = """
        update webhooks.endpoints set failed_attempts = 0, failed_deliveries = 0, failing_since = null, held_until = null
        where id = $1 and url = $2
        """;

    // Attempts that were under way when the circuit opened do not prolong the hold: only the one that tries does. Those that
    // were made to another URL say nothing of this one. Two that run out of time are enough: what hangs costs a place for as
    // long. Holds differ a little, so that endpoints that failed together, as those of one host do, are not tried together.
    private const string FailSql = """
        update webhooks.endpoints
        set failed_attempts = failed_attempts + 1,
            failed_deliveries = failed_deliveries + $2,
            failing_since = coalesce(failing_since, now()),
            held_until = case
                when failed_attempts + 1 < case when $8 then least($4, 2) else $4 end then null
                when held_until > now() and not $3 then held_until
                else now() + greatest($5, least(now() - coalesce(failing_since, now()), $6)) * (1 + $9 * random()) end
        where id = $1 and url = $7
        returning failed_deliveries
        """;

    // Those that have tried most are due first, for the reason above, and what is published during the hold after them all
    // (MessagePublisher): each within the second after the hold. A thousand at a time, of those that are slow already and of
    // the others, bounds the statement; whatever is claimed of what is left puts off the next thousand.
    private const string PutOffSql = $"""
        with circuit as (
            select held_until from webhooks.endpoints where id = $1 and held_until > now() for no key update)
        update webhooks.jobs job
        set due_at = {HoldEnd.OfPutOff} + place * interval '1 microsecond', slow = true
        from circuit, (
            select id, row_number() over (order by due_at) as place
            from (
                select id, due_at from webhooks.jobs
                where kind = 'delivery' and slow = $2 and lane = $1::text and state = 'pending' and due_at <= (select held_until from circuit)
                order by due_at limit 1000
                for no key update skip locked) due) waiting
        where job.id = waiting.id
        """;

    // The circuit may have closed since the delivery was loaded. It has to be locked for that, as whoever closes it does not see
    // a delivery that is not settled yet.
    private const string PutOffOneSql = $"""
        with circuit as (
            select held_until from webhooks.endpoints where id = $1 for no key update)
        update webhooks.jobs set due_at = case
            when held_until is null then now()
            when held_until <= now() then now() + $3
            else {HoldEnd.OfPutOff} end, slow = slow or {HoldEnd.IsSlow}
        from circuit
        where id = $2 and state = 'pending'
        """;

    // Until whoever has tried more and is about to try has done so.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    // Longer than an attempt takes: nobody else tries meanwhile.
    private static readonly TimeSpan TryMargin = TimeSpan.FromSeconds(5);

    private readonly DeliveryOptions _options = options.Value;

    /// <summary>Asks for an attempt.</summary>
    /// <param name="endpoint">As the delivery was loaded with it.</param>
    /// <param name="job">The delivery's.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <returns>Null when it may be made; else what becomes of the job.</returns>
    public async Task<JobOutcome?> WaitAsync(StoredEndpoint endpoint, LeasedJob job, CancellationToken cancellationToken)
    {
        if (endpoint.Circuit.HeldUntil is not { } heldUntil)
        {
            return null;
        }

        if (endpoint.Circuit.HeldFor <= TimeSpan.Zero)
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(TrySql, connection);
            command.Parameters.Add(new() { Value = endpoint.Id });
            command.Parameters.Add(new() { Value = heldUntil });
            command.Parameters.Add(new() { Value = _options.Timeout + TryMargin });
            command.Parameters.Add(new() { Value = job.Attempt });
            await command.PrepareAsync(cancellationToken);
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 1)
            {
                return null;
            }
        }

        return JobOutcome.Postpone(Moment) with
        {
            Handover = async (transaction, token) =>
            {
                var one = new NpgsqlBatchCommand(PutOffOneSql)
                {
                    Parameters = { new() { Value = endpoint.Id }, new() { Value = job.Id }, new() { Value = Moment } },
                };
                await transaction.ExecuteAsync([one, .. PutOff(endpoint.Id)], token);
            },
        };
    }

    /// <summary>Notes a success, in the transaction that settles the job.</summary>
    /// <param name="endpoint">As the delivery was loaded with it.</param>
    public static IEnumerable<NpgsqlBatchCommand> Succeeded(StoredEndpoint endpoint) =>
        new[] { LockSql, PutForwardSql, CloseSql }.Select(sql => new NpgsqlBatchCommand(sql)
        {
            Parameters = { new() { Value = endpoint.Id }, new() { Value = endpoint.Url.OriginalString } },
        });

    /// <summary>
    /// Notes a failed attempt, in the transaction that settles the job. The first returns how many deliveries in a row have failed
    /// now; no row when the endpoint has another URL by now, which counts nothing.
    /// </summary>
    /// <param name="endpoint">As the delivery was loaded with it.</param>
    /// <param name="attempt">How it ended.</param>
    /// <param name="gaveUp">Whether it was the delivery's last.</param>
    public IEnumerable<NpgsqlBatchCommand> Failed(StoredEndpoint endpoint, AttemptResult attempt, bool gaveUp)
    {
        var command = new NpgsqlBatchCommand(FailSql);
        command.Parameters.Add(new() { Value = endpoint.Id });
        command.Parameters.Add(new() { Value = gaveUp ? 1 : 0 });
        command.Parameters.Add(new() { Value = endpoint.Circuit.HeldUntil is not null });
        command.Parameters.Add(new() { Value = _options.Circuit.Threshold });
        command.Parameters.Add(new() { Value = _options.Circuit.Hold });
        command.Parameters.Add(new() { Value = _options.Circuit.MaxHold });
        command.Parameters.Add(new() { Value = endpoint.Url.OriginalString });
        command.Parameters.Add(new() { Value = attempt.Outcome == AttemptOutcome.Timeout });
        command.Parameters.Add(new() { Value = NextAttempt.Jitter });
        return [command, .. PutOff(endpoint.Id)];
    }

    private static NpgsqlBatchCommand[] PutOff(Guid endpoint) =>
    [
        new(PutOffSql) { Parameters = { new() { Value = endpoint }, new() { Value = true } } },
        new(PutOffSql) { Parameters = { new() { Value = endpoint }, new() { Value = false } } },
    ];
}
