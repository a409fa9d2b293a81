using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Commits each event once, with its job. The unique key detects duplicates.</summary>
public sealed class IdempotentStore(NpgsqlDataSource database, IOptions<IntakeOptions> options)
{
    // One statement is one transaction and one flush. synchronous_commit is set for this transaction, whatever the default of
    // the server or role, so that an event answered with 2xx survives a crash of the server. The order prevents deadlocks on
    // the unique key between writers with overlapping batches.
    private const string InsertSql = $"{Inserted} {New}";

    // Phone messages are stored in the same statement, so that they are visible as soon as the event is answered.
    private const string InsertWithMessagesSql = $"""
        {Inserted},
        noted as (
            insert into webhooks.messages_inbox (event_id, message_id, from_msisdn, to_msisdn, ts, text, created_at)
            select event_id, message_id, from_msisdn, to_msisdn, ts, text, created_at
            from unnest($11, $12, $13, $14, $15, $16, $17)
                as incoming (event_id, message_id, from_msisdn, to_msisdn, ts, text, created_at)
            join inserted on id = event_id)
        {New}
        """;

    // Usually all events are new, and the count alone shows it.
    private const string New = "select case when count(*) < cardinality($1) then coalesce(array_agg(id), '{}') end from inserted";

    private const string Inserted = """
        with durable as materialized (
            select set_config('synchronous_commit', 'on', true)),
        inserted as (
            insert into webhooks.inbound_events
                (id, source, delivery_id, event_type, received_at, headers, content_type, content_encoding, body, traceparent)
            select id, source, delivery_id, event_type, received_at, headers::jsonb, content_type, content_encoding, body,
                traceparent
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as incoming
                (id, source, delivery_id, event_type, received_at, headers, content_type, content_encoding, body, traceparent),
                durable
            order by source collate "C", delivery_id collate "C"
            on conflict (source, delivery_id) do nothing
            returning id, source),
        queued as (
            insert into webhooks.jobs (kind, ref_id, lane) select 'event', id, source from inserted)
        """;

    /// <summary>Stores the events whose delivery id is new. Blocks: it is called on a writer's own thread.</summary>
    /// <returns>For each event, <see cref="IntakeResult.Accepted"/> or <see cref="IntakeResult.Duplicate"/>.</returns>
    public IntakeResult[] Insert(IReadOnlyList<IntakeItem> items)
    {
        using var connection = database.OpenConnection();
        if (items.All(item => item.Window is null))
        {
            return Insert(items, [.. items.Select(item => item.Event.DeliveryId)], connection);
        }

        // A digest whose window has ended gets another delivery id. One whose window has not ended is not stored again.
        var results = new IntakeResult[items.Count];
        Array.Fill(results, IntakeResult.Duplicate);
        var ids = DigestIds.Of(items, connection);
        int[] fresh = [.. Enumerable.Range(0, ids.Length).Where(at => ids[at] is not null)];
        if (fresh.Length > 0)
        {
            var stored = Insert([.. fresh.Select(at => items[at])], [.. fresh.Select(at => ids[at]!)], connection);
            for (var at = 0; at < fresh.Length; at++)
            {
                results[fresh[at]] = stored[at];
            }
        }

        return results;
    }

    private IntakeResult[] Insert(
        IReadOnlyList<IntakeItem> items, IReadOnlyList<string> deliveryIds, NpgsqlConnection connection)
    {
        var messages = items.Select(item => item.Event.Message).OfType<InboxMessage>().ToList();
        using var command = new NpgsqlCommand(messages.Count == 0 ? InsertSql : InsertWithMessagesSql, connection)
        {
            CommandTimeout = (int)Math.Ceiling(options.Value.CommitTimeout.TotalSeconds),
        };
        command.Parameters.AddColumn(items, item => item.Event.Id, NpgsqlDbType.Uuid);
        command.Parameters.AddColumn(items, item => item.Event.Source, NpgsqlDbType.Text);
        command.Parameters.AddColumn(deliveryIds, id => id, NpgsqlDbType.Text);
        command.Parameters.AddColumn(items, item => item.Event.EventType, NpgsqlDbType.Text);
        command.Parameters.AddColumn(items, item => item.Event.ReceivedAt, NpgsqlDbType.TimestampTz);
        command.Parameters.AddColumn(items, item => item.Event.Headers, NpgsqlDbType.Text);
        command.Parameters.AddColumn(items, item => item.Event.ContentType, NpgsqlDbType.Text);
        command.Parameters.AddColumn(items, item => item.Event.ContentEncoding, NpgsqlDbType.Text);
        command.Parameters.AddColumn(items, item => item.Event.Body, NpgsqlDbType.Bytea);
        command.Parameters.AddColumn(items, item => item.Event.Traceparent, NpgsqlDbType.Text);
        if (messages.Count > 0)
        {
            command.Parameters.AddColumn(messages, m => m.EventId, NpgsqlDbType.Uuid);
            command.Parameters.AddColumn(messages, m => m.MessageId, NpgsqlDbType.Text);
            command.Parameters.AddColumn(messages, m => m.FromMsisdn, NpgsqlDbType.Text);
            command.Parameters.AddColumn(messages, m => m.ToMsisdn, NpgsqlDbType.Text);
            command.Parameters.AddColumn(messages, m => m.Ts, NpgsqlDbType.TimestampTz);
            command.Parameters.AddColumn(messages, m => m.Text, NpgsqlDbType.Text);
            command.Parameters.AddColumn(messages, m => m.CreatedAt, NpgsqlDbType.TimestampTz);
        }

        // Prepares the statement once per pooled connection. Later calls return at once.
        command.Prepare();
        var ids = (command.ExecuteScalar() as Guid[])?.ToHashSet();
        var results = new IntakeResult[items.Count];
        for (var at = 0; at < results.Length; at++)
        {
            results[at] = ids is null || ids.Contains(items[at].Event.Id) ? IntakeResult.Accepted : IntakeResult.Duplicate;
        }

        return results;
    }
}
