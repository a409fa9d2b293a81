using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Npgsql;

namespace Aspire.Webhooks.Sender.Endpoints;

public enum RotationResult
{
    Done,

    /// <summary>The merchant has no such endpoint.</summary>
    Unknown,

    /// <summary>The endpoint has the largest number of signing secrets.</summary>
    TooMany,
}

/// <summary>Replaces the secrets of endpoints. For a time, the previous secrets sign beside the new one.</summary>
public sealed class EndpointSecretRotation(
    NpgsqlDataSource database, SecretProtection protection, SecretExchange exchange, AuditLog audit, TimeProvider time)
{
    /// <summary>The largest number of signing secrets of an endpoint. Each adds a signature to every request.</summary>
    public const int MaxSigning = 5;

    // Rotations of one endpoint wait for each other. The lock does not block rows that refer to the endpoint, such as new
    // deliveries.
    private const string LockSql = """
        select signature from webhooks.endpoints where id = $1 and merchant_id = $2 and deleted_at is null for no key update
        """;

    private const string ExpireSql = """
        update webhooks.endpoint_secrets set expires_at = least(coalesce(expires_at, 'infinity'), $2) where endpoint_id = $1
        """;

    // Expired secrets are deleted.
    private const string ForgetSql = "delete from webhooks.endpoint_secrets where endpoint_id = $1 and expires_at <= $2";

    private const string InsertSql = """
        with touched as (update webhooks.endpoints set updated_at = $4 where id = $1)
        insert into webhooks.endpoint_secrets (id, endpoint_id, protected, created_at)
        select $2, $1, $3, $4 where (select count(*) from webhooks.endpoint_secrets where endpoint_id = $1) < $5
        """;

    /// <summary>Adds a new secret and lets the previous ones expire.</summary>
    /// <param name="overlap">The longest time that the previous secrets still sign.</param>
    /// <returns>The result; if it is <see cref="RotationResult.Done"/>, also the new secret and the time at which the previous
    /// ones expire.</returns>
    public async Task<(RotationResult Result, Secret? Secret, DateTimeOffset OthersExpireAt)> RotateAsync(
        string merchant, Guid id, TimeSpan overlap, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var held = Command(LockSql, id, merchant);
        if (await held.ExecuteScalarAsync(cancellationToken) is not string signature)
        {
            return (RotationResult.Unknown, null, default);
        }

        // The time is read while the lock is held, so that the later of two rotations has the newer secret.
        var now = time.GetUtcNow();
        var secret = EndpointKeys.New(signature);
        await using var expire = Command(ExpireSql, id, now + overlap);
        await expire.ExecuteNonQueryAsync(cancellationToken);
        await using var forget = Command(ForgetSql, id, now);
        await forget.ExecuteNonQueryAsync(cancellationToken);
        await using var insert = Command(
            InsertSql, id, Guid.CreateVersion7(now), protection.Protect(id, secret), now, MaxSigning);
        if (await insert.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            return (RotationResult.TooMany, null, default);
        }

        await exchange.PublishAsync(transaction, [secret], cancellationToken);
        await audit.WriteAsync(
            new(actor, AuditActions.RotateSecret, AuditObjects.Endpoint, id.ToString()), transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (RotationResult.Done, secret, now + overlap);

        NpgsqlCommand Command(string sql, params object[] values)
        {
            var command = new NpgsqlCommand(sql, connection, transaction);
            foreach (var value in values)
            {
                command.Parameters.Add(new() { Value = value });
            }

            return command;
        }
    }
}
