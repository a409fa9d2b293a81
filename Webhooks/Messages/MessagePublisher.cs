using Aspire.Webhooks.Jobs;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Messages;

/// <summary>Something to send to a merchant's endpoints.</summary>
/// <param name="MerchantId">Whose endpoints.</param>
/// <param name="EventType">Its type, such as <c>task.completed</c>; endpoints subscribe to types.</param>
/// <param name="Payload">Sent byte for byte.</param>
/// <param name="IdempotencyKey">Publishing the same key again for the same merchant changes nothing.</param>
public sealed record NewMessage(string MerchantId, string EventType, byte[] Payload, string IdempotencyKey)
{
    public string ContentType { get; init; } = "application/json";

    /// <summary>The agent task that it is the result of, if any.</summary>
    public Guid? TaskId { get; init; }

    /// <summary>The W3C trace context that its deliveries continue.</summary>
    public string? Traceparent { get; init; }
}

/// <summary>Publishes a message: stores it, fans it out to the matching endpoints and queues one delivery each.</summary>
public static class MessagePublisher
{
    // The update that changes nothing makes the statement return the earlier message, also one committed a moment ago.
    private const string PublishSql = """
        with message as (
            insert into webhooks.messages
                (id, merchant_id, event_type, payload, content_type, idempotency_key, task_id, created_at, traceparent)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict (merchant_id, idempotency_key) do update set idempotency_key = excluded.idempotency_key
            returning id, xmax = 0 as is_new),
        fanout as (
            insert into webhooks.deliveries (id, message_id, endpoint_id, created_at)
            select gen_random_uuid(), message.id, endpoint.id, $8
            from message
            join webhooks.endpoints endpoint on endpoint.merchant_id = $2 and endpoint.active
                and (endpoint.event_types = '{}' or $3 = any (endpoint.event_types))
            where message.is_new
            returning id, endpoint_id),
        queued as (
            insert into webhooks.jobs (kind, ref_id, lane) select $10, id, endpoint_id::text from fanout)
        select id from message
        """;

    /// <summary>Publishes in the caller's transaction. Notify <see cref="JobKind.Delivery"/> once it is committed.</summary>
    /// <returns>The message's id, which receivers see as <c>webhook-id</c>; an earlier message's when the key is known.</returns>
    public static async Task<string> PublishAsync(
        NewMessage message, NpgsqlTransaction transaction, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PublishSql, transaction.Connection, transaction);
        var now = time.GetUtcNow();
        command.Parameters.Add(new() { Value = $"msg_{Guid.CreateVersion7(now):N}" });
        command.Parameters.Add(new() { Value = message.MerchantId });
        command.Parameters.Add(new() { Value = message.EventType });
        command.Parameters.Add(new() { Value = message.Payload });
        command.Parameters.Add(new() { Value = message.ContentType });
        command.Parameters.Add(new() { Value = message.IdempotencyKey });
        command.Parameters.Add(new() { Value = (object?)message.TaskId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = (object?)message.Traceparent ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = JobKind.Delivery.Name() });
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
