using System.Text.Json;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Payloads;
using Npgsql;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>An event as stored, with the trace that it came in.</summary>
public sealed record StoredEvent(WebhookEvent Event, string? Traceparent);

/// <summary>Reads events from the ledger.</summary>
public sealed class EventStore(NpgsqlDataSource database)
{
    /// <summary>What <see cref="Read"/> reads with a claim. Large bodies are left where they are: hundreds of jobs are claimed at once.</summary>
    public const string Columns = """
        event.source, event.delivery_id, event.event_type, event.content_type, event.headers,
        case when octet_length(event.body) <= 65536 then event.body end, event.traceparent, event.content_encoding
        """;

    private const string LoadSql = """
        select source, delivery_id, event_type, content_type, headers, body, traceparent, content_encoding
        from webhooks.inbound_events where id = $1
        """;

    /// <exception cref="InvalidOperationException">There is no such event; events are never deleted before their jobs.</exception>
    public async Task<StoredEvent> LoadAsync(Guid id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) ?? throw new InvalidOperationException($"Event {id} is not in the ledger.");

    /// <summary>The event; null when there is none.</summary>
    public async Task<StoredEvent?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(LoadSql);
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader, 0, id) : null;
    }

    /// <summary>The event at the reader's row; null when its body was left out, or there is none.</summary>
    /// <param name="first">The ordinal of the first of <see cref="Columns"/>.</param>
    public static StoredEvent? Read(NpgsqlDataReader reader, int first, Guid id)
    {
        if (reader.IsDBNull(first + 5))
        {
            return null;
        }

        var body = reader.GetFieldValue<byte[]>(first + 5);
        if (!reader.IsDBNull(first + 7))
        {
            body = Inflated(id, reader.GetString(first + 7), body);
        }

        var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(reader.GetString(first + 4), JsonSerializerOptions.Default)!;
        var webhookEvent = new WebhookEvent(
            id, reader.GetString(first), reader.GetString(first + 1), reader.GetString(first + 2), reader.GetString(first + 3),
            new Dictionary<string, string>(headers, StringComparer.OrdinalIgnoreCase), body);
        return new StoredEvent(webhookEvent, reader.IsDBNull(first + 6) ? null : reader.GetString(first + 6));
    }

    // Intake inflated it before, under the source's limit.
    private static byte[] Inflated(Guid id, string coding, byte[] body) =>
        ContentCoding.TryInflate(coding, body, int.MaxValue, out var inflated) == InflateResult.Done
            ? inflated!
            : throw new InvalidOperationException($"The body of event {id} cannot be inflated.");
}
