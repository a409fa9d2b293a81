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
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(reader.GetString(4), JsonSerializerOptions.Default)!;
        var body = reader.GetFieldValue<byte[]>(5);
        if (!await reader.IsDBNullAsync(7, cancellationToken))
        {
            body = Inflated(id, reader.GetString(7), body);
        }

        var webhookEvent = new WebhookEvent(
            id, reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3),
            new Dictionary<string, string>(headers, StringComparer.OrdinalIgnoreCase), body);
        return new StoredEvent(webhookEvent, await reader.IsDBNullAsync(6, cancellationToken) ? null : reader.GetString(6));
    }

    // Intake inflated it before, under the source's limit.
    private static byte[] Inflated(Guid id, string coding, byte[] body) =>
        ContentCoding.TryInflate(coding, body, int.MaxValue, out var inflated) == InflateResult.Done
            ? inflated!
            : throw new InvalidOperationException($"The body of event {id} cannot be inflated.");
}
