using Aspire.Webhooks.Api;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Sender.Endpoints;
using Npgsql;

namespace Aspire.Webhooks.Sender.Messages;

/// <summary>The result of a request to resend or recover.</summary>
public enum RedeliveryResult
{
    Queued,

    /// <summary>The merchant has no such delivery, or no such endpoint.</summary>
    Unknown,

    /// <summary>The endpoint is inactive or has been deleted.</summary>
    Inactive,

    /// <summary>The message was erased.</summary>
    Erased,
}

/// <summary>
/// Resends a delivery, or recovers the deliveries that an endpoint missed. Each run is a job of its own with all its attempts.
/// </summary>
public sealed class Redelivery(NpgsqlDataSource database, JobWakeup wakeup, AuditLog audit)
{
    // The rows are locked until the commit: the delivery, so that the second of two resends finds the job of the first, and the
    // endpoint, so that it stays active. Attempts only reference the delivery meanwhile.
    private const string LockDeliverySql = """
        select case when message.payload is not null then endpoint.active end
        from webhooks.deliveries delivery
        join webhooks.messages message on message.id = delivery.message_id
        join webhooks.endpoints endpoint on endpoint.id = delivery.endpoint_id
        where delivery.id = $1 and message.merchant_id = $2
        for no key update of delivery for share of endpoint
        """;

    // A locked job is being claimed or settled. It runs and ends by itself, so it is skipped.
    private const string ResendSql = """
        with earlier as (
            select id from webhooks.jobs where ref_id = $1 and kind = $2 and state = 'pending' for update skip locked),
        superseded as (
            update webhooks.jobs job set state = 'cancelled', finished_at = now() from earlier where job.id = earlier.id)
        insert into webhooks.jobs (kind, ref_id, lane)
        select $2, id, endpoint_id::text from webhooks.deliveries where id = $1
        """;

    // The lock makes the second of two recoveries find the jobs of the first.
    private const string LockEndpointSql = """
        select active from webhooks.endpoints where id = $1 and merchant_id = $2 and deleted_at is null for no key update
        """;

    // The due times differ by a microsecond, so that the oldest delivery runs first.
    private const string RecoverSql = $"""
        with missed as materialized (
            select job.ref_id as id from webhooks.jobs job join webhooks.deliveries delivery on delivery.id = job.ref_id
            join webhooks.messages message on message.id = delivery.message_id and message.payload is not null
            where job.kind = 'delivery' and job.lane = $1 and job.ended in ('buried', 'ignored', 'cancelled')
                and job.ref_id > $2 and job.ref_id < $3 and delivery.created_at >= $4 and delivery.created_at < $5
                and {DeliverySelection.IsLatest}
            order by job.ref_id limit $6),
        queued as (
            insert into webhooks.jobs (kind, ref_id, lane, due_at)
            select 'delivery', id, $1, now() + row_number() over (order by id) * interval '1 microsecond' from missed order by id)
        select count(*), (select id from missed order by id desc limit 1) from missed
        """;

    // The number of deliveries per transaction. Attempts to the endpoint wait for its row while a transaction lasts.
    private const int Batch = 1000;

    /// <summary>Queues a delivery again, in place of its pending job.</summary>
    public async Task<RedeliveryResult> ResendAsync(
        MerchantId merchant, Guid delivery, string actor, CancellationToken cancellationToken)
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
        await audit.WriteAsync(
            new(actor, AuditActions.Resend, AuditObjects.Delivery, delivery.ToString()), transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeup.Notify(JobKind.Delivery);
        return result;
    }

    /// <summary>
    /// Queues the deliveries of a time range that have failed, were skipped or were cancelled, oldest first. It uses several
    /// transactions: deliveries that were queued stay queued when the endpoint becomes inactive or the caller disconnects.
    /// </summary>
    /// <param name="until">The end of the range; null for now.</param>
    /// <returns>The result and the number of deliveries that were queued.</returns>
    public async Task<(RedeliveryResult Result, long Count)> RecoverAsync(
        MerchantId merchant, Guid endpoint, DateTimeOffset since, DateTimeOffset? until, string actor,
        CancellationToken cancellationToken)
    {
        var (queued, first, last) = (0L, TimeOrderedId.Least(since)!.Value, TimeOrderedId.Least(since)!.Value);
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
            if (last == first)
            {
                await audit.WriteAsync(
                    new(actor, AuditActions.Recover, AuditObjects.Endpoint, endpoint.ToString()), transaction,
                    cancellationToken);
            }

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
            DBNull => RedeliveryResult.Erased,
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
