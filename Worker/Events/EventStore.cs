using System.Text.Json;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Storage;
using Npgsql;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>A stored event with the trace of its request.</summary>
public sealed record StoredEvent(WebhookEvent Event, string? Traceparent);

/// <summary>Reads events from the ledger.</summary>
public sealed class EventStore(NpgsqlDataSource database)
{
    /// <summary>The columns that <see cref="Read"/> reads.</summary>
    internal const string Columns = $"{Start}, event.body, {End}";

    /// <summary>The columns for a claim. Large bodies are left out, because hundreds of jobs are claimed at once.</summary>
    internal const string ClaimColumns = $"{Start}, case when octet_length(event.body) <= 65536 then event.body end, {End}";

    private const string Start = "event.source, event.delivery_id, event.event_type, event.content_type, event.headers";
    private const string End = "event.traceparent, event.content_encoding";

    private const string LoadSql = $"select {Columns} from webhooks.inbound_events event where event.id = $1";

    /// <exception cref="InvalidOperationException">The event does not exist. Events are never deleted before their
    /// jobs.</exception>
    /// <exception cref="ContentDeletedException">The content of the event was deleted.</exception>
    public async Task<StoredEvent> LoadAsync(Guid id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) ?? throw new InvalidOperationException($"Event {id} is not in the ledger.");

    /// <summary>Returns the event; null when it does not exist.</summary>
    /// <exception cref="ContentDeletedException">The content of the event was deleted.</exception>
    public async Task<StoredEvent?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(LoadSql, connection);
        command.Parameters.Add(new() { Value = id });

        // The statement is prepared once per pooled connection: each job begins with it, and planning takes longer than finding
        // one row.
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? Read(reader, id, column: 0) ?? throw new ContentDeletedException($"event {id}")
            : null;
    }

    /// <summary>Reads the event of the current row.</summary>
    /// <param name="column">The ordinal of the first column of <see cref="Columns"/>.</param>
    /// <returns>The event; null when the body was left out or deleted, or the event does not exist.</returns>
    internal static StoredEvent? Read(NpgsqlDataReader reader, Guid id, int column)
    {
        if (reader.IsDBNull(column + 5))
        {
            return null;
        }

        var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(
            reader.GetString(column + 4), JsonSerializerOptions.Default)!;
        var body = reader.GetFieldValue<byte[]>(column + 5);
        if (!reader.IsDBNull(column + 7))
        {
            body = Inflated(id, reader.GetString(column + 7), body);
        }

        var webhookEvent = new WebhookEvent(
            id, reader.GetString(column), reader.GetString(column + 1), reader.GetString(column + 2),
            reader.GetString(column + 3), new Dictionary<string, string>(headers, StringComparer.OrdinalIgnoreCase), body);
        return new(webhookEvent, reader.IsDBNull(column + 6) ? null : reader.GetString(column + 6));
    }

    // The intake has already decoded the body within the source's limit.
    private static byte[] Inflated(Guid id, string coding, byte[] body) =>
        ContentCoding.TryInflate(coding, body, int.MaxValue, out var inflated) == InflateResult.Done
            ? inflated!
            : throw new InvalidOperationException($"The body of event {id} cannot be inflated.");
}
