using System.Security.Cryptography;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>A delivery with its message and its endpoint, decrypted.</summary>
public sealed record StoredDelivery(
    Guid Id, string MessageId, string EventType, byte[] Payload, string ContentType, string? Traceparent,
    DateTimeOffset PublishedAt, StoredEndpoint Endpoint);

/// <summary>A delivery as stored: the endpoint's headers and secrets are encrypted.</summary>
public sealed record DeliveryRow(
    Guid Id, string MessageId, string EventType, byte[] Payload, string ContentType, string? Traceparent,
    DateTimeOffset PublishedAt, Guid EndpointId, string Url, string? Headers, bool Active, int? RateLimit, CircuitState Circuit,
    string[] Secrets);

/// <summary>Reads deliveries and writes their attempts.</summary>
public sealed class DeliveryStore(NpgsqlDataSource database, SecretProtection protection)
{
    /// <summary>
    /// The columns that <see cref="Read"/> reads with a claim. Large payloads are left out, because hundreds of jobs are
    /// claimed at once.
    /// </summary>
    public static readonly string Columns = ColumnsWith(
        "case when octet_length(message.payload) <= 65536 then message.payload end");

    /// <summary>The joins for <see cref="Columns"/>, starting from the id of the delivery.</summary>
    public const string Joins = """
        left join webhooks.deliveries delivery on delivery.id = due.ref_id
        left join webhooks.messages message on message.id = delivery.message_id
        left join webhooks.endpoints endpoint on endpoint.id = delivery.endpoint_id
        """;

    private static readonly string LoadSql = $"select {ColumnsWith("message.payload")} from (select $1 as ref_id) due {Joins}";

    private const string LogSql = """
        insert into webhooks.delivery_attempts
            (job_id, attempt, delivery_id, started_at, duration_ms, outcome, status_code, error, response_body)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    /// <summary>Adds attempts in the transaction that settles their jobs.</summary>
    public static readonly JobStatement<(LeasedJob Job, AttemptResult Attempt)> Log = new(rows =>
    {
        var command = new NpgsqlBatchCommand(LogSql);
        command.Parameters.AddColumn(rows, row => row.Job.Id, NpgsqlDbType.Bigint);
        command.Parameters.AddColumn(rows, row => row.Job.Attempt, NpgsqlDbType.Integer);
        command.Parameters.AddColumn(rows, row => row.Job.RefId, NpgsqlDbType.Uuid);
        command.Parameters.AddColumn(rows, row => row.Attempt.StartedAt, NpgsqlDbType.TimestampTz);
        command.Parameters.AddColumn(rows, row => (int)row.Attempt.Duration.TotalMilliseconds, NpgsqlDbType.Integer);
        command.Parameters.AddColumn(rows, row => row.Attempt.Outcome.Name(), NpgsqlDbType.Text);
        command.Parameters.AddColumn(rows, row => row.Attempt.StatusCode, NpgsqlDbType.Integer);
        command.Parameters.AddColumn(rows, row => row.Attempt.Error, NpgsqlDbType.Text);
        command.Parameters.AddColumn(rows, row => row.Attempt.ResponseBody, NpgsqlDbType.Text);
        return command;
    });

    /// <returns>The delivery; without headers and secrets when the endpoint is inactive.</returns>
    /// <exception cref="InvalidOperationException">The delivery does not exist.</exception>
    /// <exception cref="ContentDeletedException">The message was erased.</exception>
    /// <exception cref="CryptographicException">The endpoint's secrets or headers cannot be decrypted.</exception>
    public async Task<StoredDelivery> LoadAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(LoadSql, connection);
        command.Parameters.Add(new() { Value = id });

        // The statement is prepared once per pooled connection: planning the join takes longer than running it.
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return Open(Read(reader, 0, id) ?? throw (reader.IsDBNull(0)
            ? new InvalidOperationException($"Delivery {id} does not exist.")
            : new ContentDeletedException($"message {reader.GetString(0)}")));
    }

    /// <summary>
    /// Reads the delivery of the current row; null when its payload was left out or erased, or it does not exist.
    /// </summary>
    /// <param name="first">The ordinal of the first column of <see cref="Columns"/>.</param>
    public static DeliveryRow? Read(NpgsqlDataReader reader, int first, Guid id) => reader.IsDBNull(first + 2)
        ? null
        : new(
            id, reader.GetString(first), reader.GetString(first + 1), reader.GetFieldValue<byte[]>(first + 2),
            reader.GetString(first + 3), Text(reader, first + 4), reader.GetFieldValue<DateTimeOffset>(first + 5),
            reader.GetGuid(first + 6), reader.GetString(first + 7), Text(reader, first + 8), reader.GetBoolean(first + 9),
            reader.IsDBNull(first + 10) ? null : reader.GetInt32(first + 10),
            new(reader.GetInt32(first + 11), reader.GetInt32(first + 12)), reader.GetFieldValue<string[]>(first + 13));

    /// <summary>Decrypts the endpoint's headers and secrets.</summary>
    /// <inheritdoc cref="LoadAsync" path="/returns"/>
    /// <exception cref="CryptographicException">They cannot be decrypted.</exception>
    public StoredDelivery Open(DeliveryRow row)
    {
        var (id, url) = (row.EndpointId, new Uri(row.Url));
        var endpoint = row.Active
            ? new StoredEndpoint(
                id, url, [.. row.Secrets.Select(secret => protection.Unprotect(id, secret))],
                CustomHeaders.Read(row.Headers is { } headers ? protection.Unprotect(id, headers) : null))
            {
                RateLimit = row.RateLimit, Circuit = row.Circuit,
            }
            : new(id, url, [], CustomHeaders.None, Active: false);
        return new(
            row.Id, row.MessageId, row.EventType, row.Payload, row.ContentType, row.Traceparent, row.PublishedAt, endpoint);
    }

    private static string ColumnsWith(string payload) => $"""
        message.id, message.event_type, {payload}, message.content_type, message.traceparent, message.created_at,
        endpoint.id, endpoint.url, endpoint.headers, endpoint.active, endpoint.rate_limit,
        endpoint.failed_attempts, endpoint.failed_deliveries,
        array(select protected from webhooks.endpoint_secrets secret
              where secret.endpoint_id = endpoint.id and (expires_at is null or expires_at > now())
              order by expires_at desc nulls first, secret.id desc)
        """;

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
