using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Commits events and their jobs.</summary>
public sealed class EventLedger(NpgsqlDataSource database, IOptions<IntakeOptions> options)
{
    // One statement, one transaction, one flush. synchronous_commit is set for this transaction alone, whatever the
    // server's or role's default: an event that was answered 2xx survives a crash of the server. The order keeps
    // concurrent writers with overlapping batches from deadlocking on the unique key.
    private const string InsertSql = $"{Inserted} select id from inserted";

    // The phone messages among the events, in the same statement: who reads them after the answer finds them.
    private const string InsertWithMessagesSql = $"""
        {Inserted},
        noted as (
            insert into webhooks.messages_inbox (event_id, message_id, from_msisdn, to_msisdn, ts, text, created_at)
            select event_id, message_id, from_msisdn, to_msisdn, ts, text, created_at
            from unnest($11, $12, $13, $14, $15, $16, $17) as incoming (event_id, message_id, from_msisdn, to_msisdn, ts, text, created_at)
            join inserted on id = event_id)
        select id from inserted
        """;

    private const string Inserted = """
        with durable as materialized (
            select set_config('synchronous_commit', 'on', true)),
        inserted as (
            insert into webhooks.inbound_events
                (id, source, delivery_id, event_type, received_at, headers, content_type, content_encoding, body, traceparent)
            select id, source, delivery_id, event_type, received_at, headers::jsonb, content_type, content_encoding, body, traceparent
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as incoming
                (id, source, delivery_id, event_type, received_at, headers, content_type, content_encoding, body, traceparent), durable
            order by source, delivery_id
            on conflict (source, delivery_id) do nothing
            returning id, source),
        queued as (
            insert into webhooks.jobs (kind, ref_id, lane) select 'event', id, source from inserted)
        """;

    /// <summary>Stores the events whose delivery id is new.</summary>
    /// <returns>The ids of those that were stored; the others are duplicates.</returns>
    public async Task<IReadOnlySet<Guid>> InsertAsync(IReadOnlyList<InboundEvent> events)
    {
        using var timeout = new CancellationTokenSource(options.Value.CommitTimeout);
        var messages = events.Select(e => e.Message).OfType<InboxMessage>().ToList();
        await using var command = database.CreateCommand(messages.Count == 0 ? InsertSql : InsertWithMessagesSql);
        Add(command, events, e => e.Id, NpgsqlDbType.Uuid);
        Add(command, events, e => e.Source, NpgsqlDbType.Text);
        Add(command, events, e => e.DeliveryId, NpgsqlDbType.Text);
        Add(command, events, e => e.EventType, NpgsqlDbType.Text);
        Add(command, events, e => e.ReceivedAt, NpgsqlDbType.TimestampTz);
        Add(command, events, e => e.Headers, NpgsqlDbType.Text);
        Add(command, events, e => e.ContentType, NpgsqlDbType.Text);
        Add(command, events, e => e.ContentEncoding, NpgsqlDbType.Text);
        Add(command, events, e => e.Body, NpgsqlDbType.Bytea);
        Add(command, events, e => e.Traceparent, NpgsqlDbType.Text);
        if (messages.Count > 0)
        {
            Add(command, messages, m => m.EventId, NpgsqlDbType.Uuid);
            Add(command, messages, m => m.MessageId, NpgsqlDbType.Text);
            Add(command, messages, m => m.FromMsisdn, NpgsqlDbType.Text);
            Add(command, messages, m => m.ToMsisdn, NpgsqlDbType.Text);
            Add(command, messages, m => m.Ts, NpgsqlDbType.TimestampTz);
            Add(command, messages, m => m.Text, NpgsqlDbType.Text);
            Add(command, messages, m => m.CreatedAt, NpgsqlDbType.TimestampTz);
        }

        await using var reader = await command.ExecuteReaderAsync(timeout.Token);
        var inserted = new HashSet<Guid>();
        while (await reader.ReadAsync(timeout.Token))
        {
            inserted.Add(reader.GetGuid(0));
        }

        return inserted;
    }

    private static void Add<TRow, T>(NpgsqlCommand command, IReadOnlyList<TRow> rows, Func<TRow, T> column, NpgsqlDbType type) =>
        command.Parameters.Add(new() { Value = rows.Select(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
}
