using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
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

    /// <summary>An endpoint that does not get it, whatever it asked for: the one that it is about.</summary>
    public Guid? ExceptEndpoint { get; init; }
}

/// <summary>What a message became.</summary>
/// <param name="Id">Its id, which receivers see as <c>webhook-id</c>; an earlier message's when the key is known.</param>
/// <param name="CreatedAt">When it, or the earlier one, was published.</param>
/// <param name="IsNew">False when the key was known: then nothing was changed.</param>
/// <param name="IsSame">False when the earlier message had another type, content type or payload.</param>
public sealed record PublishedMessage(string Id, DateTimeOffset CreatedAt, bool IsNew, bool IsSame)
{
    /// <summary>The lanes of its deliveries, for a wake-up.</summary>
    public IReadOnlyCollection<string> Lanes { get; init; } = [];
}

/// <summary>Publishes a message: stores it, fans it out to the matching endpoints and queues one delivery each.</summary>
public static class MessagePublisher
{
    // The update that changes nothing makes the statement return the earlier message, also one committed a moment ago.
    // The delivery to an inactive endpoint is skipped: its job has ended before it began.
    private const string PublishSql = """
        with message as (
            insert into webhooks.messages
                (id, merchant_id, event_type, payload, content_type, idempotency_key, task_id, created_at, traceparent)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict (merchant_id, idempotency_key) do update set idempotency_key = excluded.idempotency_key
            returning id, created_at, xmax = 0 as is_new, event_type = $3 and content_type = $5 and payload = $4 as is_same),
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

    /// <summary>Publishes in the caller's transaction. Notify <see cref="JobKind.Delivery"/> once it is committed.</summary>
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
        command.Parameters.Add(new() { Value = (object?)message.ExceptEndpoint ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });

        // Once per pooled connection: planning takes longer than publishing to a few endpoints.
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(reader.GetString(0), await reader.GetFieldValueAsync<DateTimeOffset>(1, cancellationToken), reader.GetBoolean(2), reader.GetBoolean(3))
        {
            Lanes = await reader.GetFieldValueAsync<string[]>(4, cancellationToken),
        };
    }
}
