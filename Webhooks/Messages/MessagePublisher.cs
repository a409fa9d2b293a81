using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Messages;

/// <summary>Something to send to a merchant's endpoints.</summary>
/// <param name="MerchantId">The merchant whose endpoints get it.</param>
/// <param name="EventType">Its type, such as <c>task.completed</c>. Endpoints subscribe to types.</param>
/// <param name="Payload">The body, which is sent byte for byte.</param>
/// <param name="IdempotencyKey">A key of the merchant. Publishing with the same key again changes nothing.</param>
public sealed record NewMessage(string MerchantId, string EventType, byte[] Payload, string IdempotencyKey)
{
    public string ContentType { get; init; } = "application/json";

    /// <summary>The agent task whose result it is, if any.</summary>
    public Guid? TaskId { get; init; }

    /// <summary>The W3C trace context that its deliveries continue.</summary>
    public string? Traceparent { get; init; }

    /// <summary>An endpoint that does not get the message although it subscribes to the type: the one that it is about.</summary>
    public Guid? ExceptEndpoint { get; init; }
}

/// <summary>The result of publishing: the new message, or the earlier message with the same key.</summary>
/// <param name="Id">The id of the message, which receivers see as <c>webhook-id</c>.</param>
/// <param name="CreatedAt">When the message was published.</param>
/// <param name="IsNew">False when there is an earlier message with the key; nothing was changed then.</param>
/// <param name="IsSame">False when the earlier message has another type, content type or payload. The payload of an erased
/// message is not compared.</param>
public sealed record PublishedMessage(string Id, DateTimeOffset CreatedAt, bool IsNew, bool IsSame)
{
    /// <summary>The lanes of its deliveries, for a wake-up.</summary>
    public IReadOnlyCollection<string> Lanes { get; init; } = [];
}

/// <summary>
/// Publishes a message: stores it, with one delivery and one job for each endpoint that subscribes to its type.
/// </summary>
public static class MessagePublisher
{
    // The update changes nothing. It makes the statement return the earlier message with the key, even one that another
    // transaction has just committed. The delivery to an inactive endpoint is skipped: its job is inserted in its final state.
    private const string PublishSql = """
        with message as (
            insert into webhooks.messages
                (id, merchant_id, event_type, payload, content_type, idempotency_key, task_id, created_at, traceparent)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict (merchant_id, idempotency_key) do update set idempotency_key = excluded.idempotency_key
            returning id, created_at, xmax = 0 as is_new,
                event_type = $3 and content_type = $5 and coalesce(payload = $4, true) as is_same),
        wanted as (
            select webhooks.uuid_v7($8) as delivery_id, message.id as message_id, endpoint.id as endpoint_id, active
            from message
            join webhooks.endpoints endpoint on endpoint.merchant_id = $2 and endpoint.deleted_at is null
                and (endpoint.event_types = '{}' or $3 = any (endpoint.event_types)) and endpoint.id is distinct from $11
            where message.is_new),
        fanout as (
            insert into webhooks.deliveries (id, message_id, endpoint_id, created_at)
            select delivery_id, message_id, endpoint_id, $8 from wanted),
        queued as (
            insert into webhooks.jobs (kind, ref_id, lane, state, finished_at)
            select $10, delivery_id, endpoint_id::text,
                   case when active then 'pending' else 'ignored' end, case when active then null else now() end
            from wanted)
        select id, created_at, is_new, is_same, array(select endpoint_id::text from wanted where active) from message
        """;

    /// <summary>
    /// Publishes in the caller's transaction. After the commit, the caller wakes <see cref="JobKind.Delivery"/> by
    /// <see cref="JobWakeup.Notify"/>.
    /// </summary>
    public static async Task<PublishedMessage> PublishAsync(
        NewMessage message, NpgsqlTransaction transaction, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PublishSql, transaction.Connection, transaction);
        var now = time.GetUtcNow();
        command.Parameters.Add(new() { Value = MessageId.Of(Guid.CreateVersion7(now)) });
        command.Parameters.Add(new() { Value = message.MerchantId });
        command.Parameters.Add(new() { Value = message.EventType });
        command.Parameters.Add(new() { Value = message.Payload });
        command.Parameters.Add(new() { Value = message.ContentType });
        command.Parameters.Add(new() { Value = message.IdempotencyKey });
        command.Parameters.Add(new() { Value = (object?)message.TaskId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = (object?)message.Traceparent ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = JobKind.Delivery.Name() });
        command.Parameters.Add(
            new() { Value = (object?)message.ExceptEndpoint ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });

        // Done once per pooled connection: planning takes longer than publishing to a few endpoints.
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(
            reader.GetString(0), await reader.GetFieldValueAsync<DateTimeOffset>(1, cancellationToken), reader.GetBoolean(2),
            reader.GetBoolean(3))
        {
            Lanes = await reader.GetFieldValueAsync<string[]>(4, cancellationToken),
        };
    }
}
