using Aspire.Webhooks.Jobs;
using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Sender.Secrets;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>What a delivery needs.</summary>
public sealed record StoredDelivery(
    Guid Id, string MessageId, string EventType, byte[] Payload, string ContentType, string? Traceparent,
    StoredEndpoint Endpoint);

/// <summary>Where a delivery goes.</summary>
/// <param name="Secrets">Those that sign now, the newest first.</param>
/// <param name="Headers">What the merchant wants sent beside our own.</param>
public sealed record StoredEndpoint(
    Guid Id, Uri Url, IReadOnlyList<Secret> Secrets, IReadOnlyDictionary<string, Secret> Headers, bool Active = true);

/// <summary>Reads deliveries and writes their attempts.</summary>
public sealed class DeliveryStore(NpgsqlDataSource database, SecretProtection protection)
{
    private const string LoadSql = """
        select message.id, message.event_type, message.payload, message.content_type, message.traceparent,
               endpoint.id, endpoint.url, endpoint.headers, endpoint.active,
               array(select protected from webhooks.endpoint_secrets secret
                     where secret.endpoint_id = endpoint.id and (expires_at is null or expires_at > now())
                     order by secret.id desc)
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

    /// <exception cref="InvalidOperationException">There is no such delivery.</exception>
    public async Task<StoredDelivery> LoadAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(LoadSql);
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw new InvalidOperationException($"Delivery {id} is not there.");
        }

        var endpoint = reader.GetGuid(5);
        var secrets = await reader.GetFieldValueAsync<string[]>(9, cancellationToken);
        return new(
            id, reader.GetString(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.GetString(3),
            await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetString(4),
            new(
                endpoint, new Uri(reader.GetString(6)), [.. secrets.Select(secret => protection.Unprotect(endpoint, secret))],
                CustomHeaders.Read(await reader.IsDBNullAsync(7, cancellationToken) ? null : protection.Unprotect(endpoint, reader.GetString(7))),
                reader.GetBoolean(8)));
    }

    /// <summary>Adds an attempt in the transaction that settles its job.</summary>
    public static async Task LogAsync(
        LeasedJob job, AttemptResult attempt, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LogSql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = job.Id });
        command.Parameters.Add(new() { Value = job.Attempt });
        command.Parameters.Add(new() { Value = job.RefId });
        command.Parameters.Add(new() { Value = attempt.StartedAt });
        command.Parameters.Add(new() { Value = (int)attempt.Duration.TotalMilliseconds });
        command.Parameters.Add(new() { Value = attempt.Outcome.Name() });
        command.Parameters.Add(new() { Value = (object?)attempt.StatusCode ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new() { Value = (object?)attempt.Error ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)attempt.ResponseBody ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
