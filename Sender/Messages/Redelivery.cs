using Aspire.Webhooks.Api;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Sender.Endpoints;
using Npgsql;

namespace Aspire.Webhooks.Sender.Messages;

/// <summary>How a request to deliver once more was taken.</summary>
public enum RedeliveryResult
{
    Queued,

    /// <summary>The merchant has no such delivery, or no such endpoint.</summary>
    Unknown,

    /// <summary>The endpoint is inactive, or was deleted since.</summary>
    Inactive,
}

/// <summary>
/// Delivers once more, one delivery or what an endpoint missed. Each time is a job of its own, with all its attempts.
/// </summary>
public sealed class Redelivery(NpgsqlDataSource database, JobWakeup wakeup)
{
    // What is read is locked until the commit: the delivery, so that of two resends the second finds the first one's job, and
    // the endpoint, so that it stays active. Attempts refer to the delivery meanwhile.
    private const string LockDeliverySql = """
        select endpoint.active
        from webhooks.deliveries delivery
        join webhooks.messages message on message.id = delivery.message_id
        join webhooks.endpoints endpoint on endpoint.id = delivery.endpoint_id
        where delivery.id = $1 and message.merchant_id = $2
        for no key update of delivery for share of endpoint
        """;

    // A job that somebody else has locked is being claimed or settled: it runs, and ends by itself.
    private const string ResendSql = """
        with earlier as (
            select id from webhooks.jobs where ref_id = $1 and kind = $2 and state = 'pending' for update skip locked),
        superseded as (
            update webhooks.jobs job set state = 'cancelled', finished_at = now() from earlier where job.id = earlier.id)
        insert into webhooks.jobs (kind, ref_id, lane)
        select $2, id, endpoint_id::text from webhooks.deliveries where id = $1
        """;

    // Of two recoveries the second finds the first one's jobs.
    private const string LockEndpointSql = """
        select active from webhooks.endpoints where id = $1 and merchant_id = $2 and deleted_at is null for no key update
        """;

    // Due one microsecond after the other, so that the oldest goes first.
    private const string RecoverSql = $"""
        with missed as materialized (
            select job.ref_id as id from webhooks.jobs job join webhooks.deliveries delivery on delivery.id = job.ref_id
            where job.kind = 'delivery' and job.lane = $1 and job.ended in ('buried', 'ignored', 'cancelled')
                and job.ref_id > $2 and job.ref_id < $3 and delivery.created_at >= $4 and delivery.created_at < $5
                and {DeliverySelection.IsLatest}
            order by job.ref_id limit $6),
        queued as (
            insert into webhooks.jobs (kind, ref_id, lane, due_at)
            select 'delivery', id, $1, now() + row_number() over (order by id) * interval '1 microsecond' from missed order by id)
        select count(*), (select id from missed order by id desc limit 1) from missed
        """;

    // How much one transaction queues: while it lasts, attempts to the endpoint wait for its row.
    private const int Batch = 1000;

    /// <summary>Queues a delivery again, in place of what still waits of it.</summary>
    public async Task<RedeliveryResult> ResendAsync(MerchantId merchant, Guid delivery, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var result = await LockAsync(LockDeliverySql, delivery, merchant, transaction, cancellationToken);
        if (result != RedeliveryResult.Queued)
        {
            return result;
        }

        await using var command = new NpgsqlCommand(ResendSql, connection, transaction);
        command.Parameters.Add(new() { Value = delivery });
        command.Parameters.Add(new() { Value = JobKind.Delivery.Name() });
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeup.Notify(JobKind.Delivery);
        return result;
    }

    /// <summary>
    /// Queues those deliveries of a span of time that have failed, were skipped or were cancelled, oldest first. Each transaction
    /// takes a part; what was queued stays so when the endpoint becomes inactive, or the caller goes, in between.
    /// </summary>
    /// <param name="until">Null: up to now.</param>
    /// <returns>With how many were queued.</returns>
    public async Task<(RedeliveryResult Result, long Count)> RecoverAsync(
        MerchantId merchant, Guid endpoint, DateTimeOffset since, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        var (queued, last) = (0L, TimeOrderedId.Least(since)!.Value);
        while (true)
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var result = await LockAsync(LockEndpointSql, endpoint, merchant, transaction, cancellationToken);
            if (result != RedeliveryResult.Queued)
            {
                return queued > 0 ? (RedeliveryResult.Queued, queued) : (result, 0);
            }

            var part = await RecoverPartAsync(endpoint, last, since, until, transaction, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            queued += part.Count;
            if (part.Count > 0)
            {
                wakeup.Notify(JobKind.Delivery, [endpoint.ToString()]);
            }

            if (part.Count < Batch)
            {
                return (result, queued);
            }

            last = part.Last!.Value;
        }
    }

    private static async Task<RedeliveryResult> LockAsync(
        string sql, Guid id, MerchantId merchant, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = merchant.Value });
        return await command.ExecuteScalarAsync(cancellationToken) switch
        {
            null => RedeliveryResult.Unknown,
            true => RedeliveryResult.Queued,
            _ => RedeliveryResult.Inactive,
        };
    }

    private static async Task<(long Count, Guid? Last)> RecoverPartAsync(
        Guid endpoint, Guid after, DateTimeOffset since, DateTimeOffset? until, NpgsqlTransaction transaction,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(RecoverSql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = endpoint.ToString() });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = TimeOrderedId.Greatest(until) ?? Guid.AllBitsSet });
        command.Parameters.Add(new() { Value = since });
        command.Parameters.Add(new() { Value = until ?? DateTimeOffset.MaxValue });
        command.Parameters.Add(new() { Value = Batch });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetGuid(1));
    }
}
