using Aspire.Webhooks.Api;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>A validated endpoint to create.</summary>
public sealed record NewEndpoint(
    Guid Id, string MerchantId, string Url, string[] Events, string Description, bool Active,
    IReadOnlyDictionary<string, Secret> Headers, string Signature, int? RateLimit, Secret Secret);

/// <summary>A validated change of an endpoint. A field that is null is not changed.</summary>
/// <param name="Url">The URL. When it is a new one, the counts of failures start at zero.</param>
/// <param name="Headers">All headers.</param>
/// <param name="ChangesRateLimit">Whether <paramref name="RateLimit"/> is changed. Null removes the limit.</param>
public sealed record EndpointChange(
    string? Url, string[]? Events, string? Description, bool? Active, IReadOnlyDictionary<string, Secret>? Headers,
    bool ChangesRateLimit, int? RateLimit)
{
    /// <summary>
    /// The stored headers, encrypted, from which <see cref="Headers"/> keeps values; null when it keeps none. If the stored
    /// headers have changed since, the endpoint is not changed.
    /// </summary>
    public string? KeepsFrom { get; init; }
}

/// <summary>Writes endpoints.</summary>
public sealed class EndpointStore(
    NpgsqlDataSource database, SecretProtection protection, SecretExchange exchange, AuditLog audit, TimeProvider time)
{
    /// <summary>The largest number of endpoints of a merchant. Deleted ones do not count.</summary>
    public const int MaxPerMerchant = 10;

    private const string CountSql = "select count(*) from webhooks.endpoints where merchant_id = $1 and deleted_at is null";

    // Only one transaction at a time creates an endpoint of a merchant. The count is a separate statement, so that it sees the
    // commit of the previous one.
    private const string LockSql = "select pg_advisory_xact_lock(hashtext('webhooks.endpoints'), hashtext($1))";

    private const string InsertSql = """
        with endpoint as (
            insert into webhooks.endpoints
                (id, merchant_id, url, description, event_types, active, disabled_at, disabled_reason,
                 headers, signature, rate_limit, created_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, case when $6 then null else $7 end, case when $6 then null else 'merchant' end,
                $8, $9, $10, $7, $7))
        insert into webhooks.endpoint_secrets (id, endpoint_id, protected, created_at) values ($1, $1, $11, $7)
        """;

    // An endpoint that was disabled for its failures, or that has no secret, does not become active. The counts of failures start
    // at zero when the URL changes or the endpoint becomes active.
    private const string UpdateSql = """
        update webhooks.endpoints set
            url = coalesce($4, url), event_types = coalesce($5, event_types), description = coalesce($6, description),
            headers = case when $7 then $8 else headers end, rate_limit = case when $9 then $10 else rate_limit end,
            active = coalesce($11, active),
            disabled_at = case when coalesce($11, active) then null else coalesce(disabled_at, $3) end,
            disabled_reason = case when coalesce($11, active) then null else coalesce(disabled_reason, 'merchant') end,
            failed_deliveries = case when $4 <> url or $11 and not active then 0 else failed_deliveries end,
            failed_attempts = case when $4 <> url or $11 and not active then 0 else failed_attempts end,
            failing_since = case when $4 <> url or $11 and not active then null else failing_since end,
            updated_at = $3
        where id = $1 and merchant_id = $2 and deleted_at is null
            and ($11 is not true or active or disabled_reason = 'merchant'
                and exists (select from webhooks.endpoint_secrets where endpoint_id = $1 and expires_at is null))
            and ($12 is null or headers = $12)
        returning failed_attempts = 0 and failed_deliveries = 0
        """;

    // The URL is kept for the history of deliveries.
    private const string DeleteSql = """
        update webhooks.endpoints set
            deleted_at = $3, active = false, disabled_at = coalesce(disabled_at, $3),
            disabled_reason = coalesce(disabled_reason, 'merchant'),
            headers = null, updated_at = $3
        where id = $1 and merchant_id = $2 and deleted_at is null
        """;

    // A separate statement, so that it sees the claims that were made while the deletion waited for the endpoint's lock. Running
    // and locked jobs are skipped: they end by themselves and find the endpoint inactive. Waiting for them could be a deadlock,
    // because they wait for the endpoint.
    private const string ForgetSql = """
        with forgotten as (
            delete from webhooks.endpoint_secrets where endpoint_id = $1),
        waiting as (
            select id from webhooks.jobs where kind = $2 and lane = $1::text and finished_at is null and state = 'pending'
            for no key update skip locked)
        update webhooks.jobs job set state = 'cancelled', finished_at = now() from waiting where job.id = waiting.id
        """;

    public async Task<bool> HasRoomAsync(string merchant, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(CountSql);
        command.Parameters.Add(new() { Value = merchant });
        return await command.ExecuteScalarAsync(cancellationToken) is < (long)MaxPerMerchant;
    }

    /// <summary>Creates an endpoint with its secret.</summary>
    /// <returns>False when the merchant has the largest number of endpoints.</returns>
    public async Task<bool> CreateAsync(NewEndpoint endpoint, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var held = new NpgsqlCommand(LockSql, connection, transaction))
        {
            held.Parameters.Add(new() { Value = endpoint.MerchantId });
            await held.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var count = new NpgsqlCommand(CountSql, connection, transaction))
        {
            count.Parameters.Add(new() { Value = endpoint.MerchantId });
            if (await count.ExecuteScalarAsync(cancellationToken) is >= (long)MaxPerMerchant)
            {
                return false;
            }
        }

        await using (var insert = new NpgsqlCommand(InsertSql, connection, transaction))
        {
            insert.Parameters.Add(new() { Value = endpoint.Id });
            insert.Parameters.Add(new() { Value = endpoint.MerchantId });
            insert.Parameters.Add(new() { Value = endpoint.Url });
            insert.Parameters.Add(new() { Value = endpoint.Description });
            insert.Parameters.Add(new() { Value = endpoint.Events });
            insert.Parameters.Add(new() { Value = endpoint.Active });
            insert.Parameters.Add(new() { Value = time.GetUtcNow() });
            insert.Parameters.Add(Nullable(Protected(endpoint.Id, endpoint.Headers), NpgsqlDbType.Text));
            insert.Parameters.Add(new() { Value = endpoint.Signature });
            insert.Parameters.Add(Nullable(endpoint.RateLimit, NpgsqlDbType.Integer));
            insert.Parameters.Add(new() { Value = protection.Protect(endpoint.Id, endpoint.Secret) });
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        await exchange.PublishAsync(transaction, [endpoint.Secret, .. endpoint.Headers.Values], cancellationToken);
        await RecordAsync(AuditActions.Create, endpoint.Id, actor, transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <returns>
    /// False when the endpoint does not exist, cannot be made active, or has other headers than <see
    /// cref="EndpointChange.KeepsFrom"/>. Nothing is changed then.
    /// </returns>
    public async Task<bool> UpdateAsync(
        string merchant, Guid id, EndpointChange change, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(UpdateSql, connection, transaction);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = merchant });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        command.Parameters.Add(Nullable(change.Url, NpgsqlDbType.Text));
        command.Parameters.Add(Nullable(change.Events, NpgsqlDbType.Array | NpgsqlDbType.Text));
        command.Parameters.Add(Nullable(change.Description, NpgsqlDbType.Text));
        command.Parameters.Add(new() { Value = change.Headers is not null });
        command.Parameters.Add(Nullable(change.Headers is { } headers ? Protected(id, headers) : null, NpgsqlDbType.Text));
        command.Parameters.Add(new() { Value = change.ChangesRateLimit });
        command.Parameters.Add(Nullable(change.RateLimit, NpgsqlDbType.Integer));
        command.Parameters.Add(Nullable(change.Active, NpgsqlDbType.Boolean));
        command.Parameters.Add(Nullable(change.KeepsFrom, NpgsqlDbType.Text));
        if (await command.ExecuteScalarAsync(cancellationToken) is not bool startsAnew)
        {
            return false;
        }

        if (startsAnew)
        {
            await transaction.ExecuteAsync([JobLanes.Release(JobKind.Delivery, id.ToString())], cancellationToken);
        }

        await exchange.PublishAsync(transaction, change.Headers?.Values ?? [], cancellationToken);
        await RecordAsync(AuditActions.Change, id, actor, transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Deletes an endpoint with its secrets and headers, and cancels its pending deliveries.</summary>
    /// <returns>False when the endpoint does not exist.</returns>
    public async Task<bool> DeleteAsync(string merchant, Guid id, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var delete = new NpgsqlCommand(DeleteSql, connection, transaction))
        {
            delete.Parameters.Add(new() { Value = id });
            delete.Parameters.Add(new() { Value = merchant });
            delete.Parameters.Add(new() { Value = time.GetUtcNow() });
            if (await delete.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                return false;
            }
        }

        await using (var forget = new NpgsqlCommand(ForgetSql, connection, transaction))
        {
            forget.Parameters.Add(new() { Value = id });
            forget.Parameters.Add(new() { Value = JobKind.Delivery.Name() });
            await forget.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.ExecuteAsync([JobLanes.Release(JobKind.Delivery, id.ToString())], cancellationToken);
        await RecordAsync(AuditActions.Delete, id, actor, transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private Task RecordAsync(
        string action, Guid id, string actor, NpgsqlTransaction transaction, CancellationToken cancellationToken) =>
        audit.WriteAsync(new(actor, action, AuditObjects.Endpoint, id.ToString()), transaction, cancellationToken);

    private string? Protected(Guid id, IReadOnlyDictionary<string, Secret> headers) =>
        headers.Count == 0 ? null : protection.Protect(id, CustomHeaders.Write(headers));

    private static NpgsqlParameter Nullable(object? value, NpgsqlDbType type) =>
        new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
