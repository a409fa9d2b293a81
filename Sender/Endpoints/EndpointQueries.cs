using System.Security.Cryptography;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;
using Endpoint = Aspire.Webhooks.Storage.Endpoint;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>Reads the endpoints of a merchant, except deleted ones.</summary>
public sealed partial class EndpointQueries(
    WebhooksDb db, SecretProtection protection, TimeProvider time, ILogger<EndpointQueries> logger)
{
    private IQueryable<Endpoint> WithSecrets =>
        db.Endpoints.AsNoTracking().Include(e => e.Secrets).Where(e => e.DeletedAt == null);

    public async Task<Page<EndpointView>> ListAsync(string merchant, Paging paging, CancellationToken cancellationToken)
    {
        var endpoints = WithSecrets.Where(e => e.MerchantId == merchant);
        if (paging.Before is { } before)
        {
            endpoints = endpoints.Where(e => e.Id < before);
        }

        var fetched = await endpoints.OrderByDescending(e => e.Id).Take(paging.Fetch).ToListAsync(cancellationToken);
        var holds = await db.HoldsAsync(fetched.Select(e => e.Id), time.GetUtcNow(), cancellationToken);
        return paging.ToPage(fetched.ConvertAll(row => View(row, holds)), e => e.Id);
    }

    /// <returns>The endpoint; null when the merchant has no such endpoint.</returns>
    public async Task<EndpointView?> FindAsync(string merchant, Guid id, CancellationToken cancellationToken) =>
        await RowAsync(merchant, id, cancellationToken) is { } row
            ? View(row, await db.HoldsAsync([id], time.GetUtcNow(), cancellationToken))
            : null;

    /// <summary>Returns the stored row of an endpoint with its secrets; null when the merchant has no such endpoint.</summary>
    public Task<Endpoint?> RowAsync(string merchant, Guid id, CancellationToken cancellationToken) =>
        WithSecrets.SingleOrDefaultAsync(e => e.Id == id && e.MerchantId == merchant, cancellationToken);

    /// <summary>Decrypts an endpoint for a ping; null when its secrets or headers cannot be decrypted.</summary>
    public StoredEndpoint? ToSend(Endpoint row) => Secrets(row) is { } secrets && StoredHeaders(row) is { } headers
        ? new(row.Id, new Uri(row.Url), secrets, headers, row.Active)
        : null;

    /// <summary>Decrypts the headers of an endpoint; empty when they cannot be decrypted.</summary>
    public IReadOnlyDictionary<string, Secret> Headers(Endpoint row) => StoredHeaders(row) ?? CustomHeaders.None;

    private IReadOnlyDictionary<string, Secret>? StoredHeaders(Endpoint row) =>
        Decrypted(row, () => CustomHeaders.Read(row.Headers is { } stored ? protection.Unprotect(row.Id, stored) : null));

    private List<Secret>? Secrets(Endpoint row) =>
        Decrypted(row, () => Signing(row).Select(secret => protection.Unprotect(row.Id, secret.Protected)).ToList());

    // A missing key must not hide the endpoints of a merchant, who can replace the secret and the headers.
    private T? Decrypted<T>(Endpoint row, Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (CryptographicException exception)
        {
            LogUnreadable(logger, row.Id, exception);
            return null;
        }
    }

    private IEnumerable<EndpointSecret> Signing(Endpoint row) =>
        row.Secrets.Where(secret => secret.ExpiresAt is not { } end || end > time.GetUtcNow())
            .OrderBy(secret => secret.ExpiresAt is not null).ThenByDescending(secret => secret.Id);

    private EndpointView View(Endpoint row, IReadOnlyDictionary<Guid, DateTimeOffset?> holds) => new()
    {
        Id = row.Id,
        Url = row.Url,
        Events = row.EventTypes,
        Description = row.Description,
        Active = row.Active,
        State = EndpointStates.Of(row.Active),
        DisabledReason = row.DisabledReason,
        DisabledAt = row.DisabledAt,
        Signature = row.Signature,
        PublicKey = row.Signature == EndpointKeys.Asymmetric && Secrets(row) is [var newest, ..]
            ? EndpointKeys.PublicKey(newest)
            : null,
        Secrets = [.. Signing(row).Select(secret => new SecretView(secret.CreatedAt, secret.ExpiresAt))],
        Headers = Headers(row).Keys.Order(StringComparer.OrdinalIgnoreCase)
            .ToDictionary(name => name, _ => HeaderRules.Keep, StringComparer.Ordinal),
        RateLimit = row.RateLimit,
        FailedDeliveries = row.FailedDeliveries,
        Circuit = new(row.FailedAttempts, holds.GetValueOrDefault(row.Id)),
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
    };

    [LoggerMessage(
        EventId = 4202, Level = LogLevel.Error, Message = "Secrets or headers of endpoint {EndpointId} cannot be decrypted.")]
    private static partial void LogUnreadable(ILogger logger, Guid endpointId, Exception exception);
}

/// <summary>Reads which circuits are open: the queue holds the lane of an endpoint while its circuit is open.</summary>
public static class EndpointHolds
{
    /// <returns>The end of the hold by the id of the endpoint, for those whose circuits are open.</returns>
    public static async Task<IReadOnlyDictionary<Guid, DateTimeOffset?>> HoldsAsync(
        this WebhooksDb db, IEnumerable<Guid> endpoints, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (kind, lanes) = (JobKind.Delivery.Name(), endpoints.Select(id => id.ToString()).ToList());
        return await db.Lanes.Where(lane => lane.Kind == kind && lanes.Contains(lane.Lane) && lane.HeldUntil > now)
            .ToDictionaryAsync(lane => Guid.Parse(lane.Lane), lane => lane.HeldUntil, cancellationToken);
    }
}
