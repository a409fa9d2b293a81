using System.Linq.Expressions;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Endpoint = Aspire.Webhooks.Storage.Endpoint;

namespace Aspire.Webhooks.Sender.Endpoints;

public enum ReactivationResult
{
    /// <summary>The endpoint is active now, or was already.</summary>
    Done,

    /// <summary>The endpoint does not exist.</summary>
    Unknown,

    /// <summary>The endpoint was disabled by its merchant and stays inactive.</summary>
    ByMerchant,
}

/// <summary>Reads and reactivates the endpoints of all merchants, except deleted ones.</summary>
public sealed partial class EndpointAdministration(
    WebhooksDb db, NpgsqlDataSource database, AuditLog audit, Redactor redactor, TimeProvider time,
    ILogger<EndpointAdministration> logger)
{
    private const string ReactivateSql = """
        update webhooks.endpoints
        set active = true, disabled_at = null, disabled_reason = null,
            failed_deliveries = 0, failed_attempts = 0, failing_since = null,
            updated_at = $2
        where id = $1 and deleted_at is null and disabled_reason in ('failures', 'gone')
        returning merchant_id
        """;

    private IQueryable<Endpoint> Present => db.Endpoints.AsNoTracking().Where(e => e.DeletedAt == null);

    public async Task<Page<AdminEndpointView>> ListAsync(
        AdminEndpointFilter filter, Paging paging, CancellationToken cancellationToken)
    {
        var endpoints = Present;
        Where(filter.MerchantId, e => e.MerchantId == filter.MerchantId);
        Where(filter.State, e => e.Active == (filter.State == EndpointStates.Active));
        Where(filter.DisabledReason, e => e.DisabledReason == filter.DisabledReason);
        Where(paging.Before, e => e.Id < paging.Before);
        var fetched = await endpoints.OrderByDescending(e => e.Id).Take(paging.Fetch).ToListAsync(cancellationToken);
        var holds = await db.HoldsAsync(fetched.Select(e => e.Id), time.GetUtcNow(), cancellationToken);
        return paging.ToPage(fetched.ConvertAll(row => View(row, holds)), e => e.Id);

        void Where(object? value, Expression<Func<Endpoint, bool>> condition) =>
            endpoints = value is null ? endpoints : endpoints.Where(condition);
    }

    public async Task<AdminEndpointView?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await Present.SingleOrDefaultAsync(e => e.Id == id, cancellationToken) is { } row
            ? View(row, await db.HoldsAsync([id], time.GetUtcNow(), cancellationToken))
            : null;

    /// <summary>
    /// Makes an endpoint active again that failed too often or answered 410. Its counts of failures start at zero.
    /// </summary>
    /// <param name="reason">The reason for the audit and the log.</param>
    /// <param name="subject">The subject of the administrator's token, for the audit and the log.</param>
    public async Task<ReactivationResult> ReactivateAsync(
        Guid id, string reason, string subject, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(ReactivateSql, connection, transaction);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        if (await command.ExecuteScalarAsync(cancellationToken) is string merchant)
        {
            await transaction.ExecuteAsync([JobLanes.Release(JobKind.Delivery, id.ToString())], cancellationToken);
            await audit.WriteAsync(
                new(subject, AuditActions.Reactivate, AuditObjects.Endpoint, id.ToString(), reason), transaction,
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            LogReactivated(logger, id, merchant, subject, reason);
            return ReactivationResult.Done;
        }

        return await FindAsync(id, cancellationToken) switch
        {
            null => ReactivationResult.Unknown,
            { DisabledReason: EndpointStates.ByMerchant } => ReactivationResult.ByMerchant,
            _ => ReactivationResult.Done,
        };
    }

    private AdminEndpointView View(Endpoint row, IReadOnlyDictionary<Guid, DateTimeOffset?> holds) => new(
        row.Id, row.MerchantId, UrlText.Masked(redactor.Redact(row.Url)), row.EventTypes, row.Description,
        EndpointStates.Of(row.Active), row.DisabledReason, row.DisabledAt,
        row.FailedDeliveries, new(row.FailedAttempts, holds.GetValueOrDefault(row.Id)), row.RateLimit, row.CreatedAt,
        row.UpdatedAt);

    [LoggerMessage(EventId = 4301, Level = LogLevel.Information,
        Message = "Endpoint {EndpointId} of {MerchantId} was reactivated by {Subject}: {Reason}")]
    private static partial void LogReactivated(ILogger logger, Guid endpointId, string merchantId, string subject, string reason);
}

/// <summary>Filters endpoints. Absent fields match every endpoint.</summary>
/// <param name="MerchantId">The merchant that owns the endpoint.</param>
/// <param name="State"><c>active</c> or <c>inactive</c>.</param>
/// <param name="DisabledReason"><c>merchant</c>, <c>failures</c> or <c>gone</c>.</param>
public sealed record AdminEndpointFilter(
    [FromQuery(Name = "merchant_id")] string? MerchantId, [FromQuery(Name = "state")] string? State,
    [FromQuery(Name = "disabled_reason")] string? DisabledReason)
{
    public void Check(FieldErrors errors)
    {
        errors.Text("merchant_id", MerchantId);
        errors.OneOf("state", State, EndpointStates.All);
        errors.OneOf("disabled_reason", DisabledReason, EndpointStates.Reasons);
    }
}

/// <summary>An endpoint as administrators see it: its settings and its health, without secrets and headers.</summary>
/// <param name="Url">
/// The URL, redacted, with <c>***</c> for its user and its query. The URLs of some services are credentials by themselves.
/// </param>
/// <param name="Events">The types that it receives. An empty list means every type.</param>
/// <param name="State"><c>active</c> or <c>inactive</c>.</param>
/// <param name="DisabledReason"><c>merchant</c>, <c>failures</c> or <c>gone</c>.</param>
/// <param name="FailedDeliveries">The number of consecutive deliveries that have failed after all their attempts.</param>
public sealed record AdminEndpointView(
    Guid Id, string MerchantId, string Url, IReadOnlyList<string> Events, string Description, string State,
    string? DisabledReason, DateTimeOffset? DisabledAt, int FailedDeliveries, CircuitView Circuit, int? RateLimit,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);
