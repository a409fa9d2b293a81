using System.Security.Cryptography;
using Aspire.Webhooks.Jobs;
using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Sender.Secrets;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>What a delivery needs.</summary>
public sealed record StoredDelivery(
    Guid Id, string MessageId, string EventType, byte[] Payload, string ContentType, string? Traceparent, DateTimeOffset PublishedAt,
    StoredEndpoint Endpoint);

/// <summary>Where a delivery goes.</summary>
/// <param name="Secrets">Those that sign now, the newest first.</param>
/// <param name="Headers">What the merchant wants sent beside our own.</param>
public sealed record StoredEndpoint(
    Guid Id, Uri Url, IReadOnlyList<Secret> Secrets, IReadOnlyDictionary<string, Secret> Headers, bool Active = true)
{
    /// <summary>Attempts per second; null for no limit.</summary>
    public int? RateLimit { get; init; }

    /// <summary>How its circuit stands.</summary>
    public CircuitState Circuit { get; init; } = new(0, 0, null, TimeSpan.Zero);
}

/// <summary>Reads deliveries and writes their attempts.</summary>
public sealed class DeliveryStore(NpgsqlDataSource database, SecretProtection protection)
{
    private const string LoadSql = """
        select message.id, message.event_type, message.payload, message.content_type, message.traceparent, message.created_at,
               endpoint.id, endpoint.url, endpoint.headers, endpoint.active,
               endpoint.rate_limit, endpoint.failed_attempts, endpoint.failed_deliveries, endpoint.held_until, endpoint.held_until - now(),
               array(select protected from webhooks.endpoint_secrets secret
                     where secret.endpoint_id = endpoint.id and (expires_at is null or expires_at > now())
                     order by expires_at desc nulls first, secret.id desc)
        from webhooks.deliveries delivery
        join webhooks.messages message on message.id = delivery.message_id
        join webhooks.endpoints endpoint on endpoint.id = delivery.endpoint_id
        where delivery.id = $1
        """;

    private const string LogSql = """
        insert into webhooks.delivery_attempts
            (job_id, attempt, delivery_id, started_at, duration_ms, outcome, status_code, error, response_body)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    /// <returns>What the endpoint is trusted with is left out when it is inactive.</returns>
    /// <exception cref="InvalidOperationException">There is no such delivery.</exception>
    /// <exception cref="CryptographicException">The endpoint's secrets or headers cannot be decrypted.</exception>
    public async Task<StoredDelivery> LoadAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(LoadSql, connection);
        command.Parameters.Add(new() { Value = id });

        // Once per pooled connection: planning the join takes longer than running it.
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(
                id, reader.GetString(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.GetString(3), Text(reader, 4),
                reader.GetFieldValue<DateTimeOffset>(5), Endpoint(reader))
            : throw new InvalidOperationException($"Delivery {id} is not there.");
    }

    private StoredEndpoint Endpoint(NpgsqlDataReader reader)
    {
        var (id, url) = (reader.GetGuid(6), new Uri(reader.GetString(7)));
        if (!reader.GetBoolean(9))
        {
            return new(id, url, [], CustomHeaders.None, Active: false);
        }

        return new(
            id, url, [.. reader.GetFieldValue<string[]>(15).Select(secret => protection.Unprotect(id, secret))],
            CustomHeaders.Read(Text(reader, 8) is { } headers ? protection.Unprotect(id, headers) : null))
        {
            RateLimit = reader.IsDBNull(10) ? null : reader.GetInt32(10),
            Circuit = reader.IsDBNull(13)
                ? new(reader.GetInt32(11), reader.GetInt32(12), null, TimeSpan.Zero)
                : new(reader.GetInt32(11), reader.GetInt32(12), reader.GetFieldValue<DateTimeOffset>(13), reader.GetTimeSpan(14)),
        };
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>Adds an attempt, in the transaction that settles its job.</summary>
    public static NpgsqlBatchCommand Log(LeasedJob job, AttemptResult attempt)
    {
        var command = new NpgsqlBatchCommand(LogSql);
        command.Parameters.Add(new() { Value = job.Id });
        command.Parameters.Add(new() { Value = job.Attempt });
        command.Parameters.Add(new() { Value = job.RefId });
        command.Parameters.Add(new() { Value = attempt.StartedAt });
        command.Parameters.Add(new() { Value = (int)attempt.Duration.TotalMilliseconds });
        command.Parameters.Add(new() { Value = attempt.Outcome.Name() });
        command.Parameters.Add(new() { Value = (object?)attempt.StatusCode ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new() { Value = (object?)attempt.Error ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)attempt.ResponseBody ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        return command;
    }
}
