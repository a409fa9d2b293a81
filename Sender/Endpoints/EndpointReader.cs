using Aspire.Webhooks.Fields;
using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Sender.Secrets;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;
using Endpoint = Aspire.Webhooks.Storage.Endpoint;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>Reads a merchant's endpoints; deleted ones are not there.</summary>
public sealed class EndpointReader(WebhooksDb db, SecretProtection protection, TimeProvider time)
{
    private IQueryable<Endpoint> WithSecrets => db.Endpoints.AsNoTracking().Include(e => e.Secrets).Where(e => e.DeletedAt == null);

    public async Task<Page<EndpointView>> ListAsync(string merchant, Paging paging, CancellationToken cancellationToken)
    {
        var endpoints = WithSecrets.Where(e => e.MerchantId == merchant);
        if (paging.Before is { } before)
        {
            endpoints = endpoints.Where(e => e.Id < before);
        }

        var fetched = await endpoints.OrderByDescending(e => e.Id).Take(paging.Fetch).ToListAsync(cancellationToken);
        return paging.ToPage(fetched.ConvertAll(View), e => e.Id);
    }

    /// <returns>Null when the merchant has no such endpoint.</returns>
    public async Task<EndpointView?> FindAsync(string merchant, Guid id, CancellationToken cancellationToken) =>
        await RowAsync(merchant, id, cancellationToken) is { } row ? View(row) : null;

    /// <summary>The same as it is stored, with its secrets.</summary>
    public Task<Endpoint?> RowAsync(string merchant, Guid id, CancellationToken cancellationToken) =>
        WithSecrets.SingleOrDefaultAsync(e => e.Id == id && e.MerchantId == merchant, cancellationToken);

    /// <summary>What a ping needs.</summary>
    public StoredEndpoint ToSend(Endpoint row) => new(row.Id, new Uri(row.Url), Secrets(row), Headers(row), row.Active);

    public IReadOnlyDictionary<string, Secret> Headers(Endpoint row) =>
        CustomHeaders.Read(row.Headers is { } stored ? protection.Unprotect(row.Id, stored) : null);

    private IReadOnlyList<Secret> Secrets(Endpoint row) => [.. Signing(row).Select(secret => protection.Unprotect(row.Id, secret.Protected))];

    private IEnumerable<EndpointSecret> Signing(Endpoint row) =>
        row.Secrets.Where(secret => secret.ExpiresAt is not { } end || end > time.GetUtcNow()).OrderByDescending(secret => secret.Id);

    private EndpointView View(Endpoint row) => new()
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
        PublicKey = row.Signature == EndpointKeys.Asymmetric && Secrets(row) is [var newest, ..] ? EndpointKeys.PublicKey(newest) : null,
        Secrets = [.. Signing(row).Select(secret => new SecretView(secret.CreatedAt, secret.ExpiresAt))],
        Headers = Headers(row).Keys.Order(StringComparer.OrdinalIgnoreCase).ToDictionary(name => name, _ => HeaderRules.Keep, StringComparer.Ordinal),
        RateLimit = row.RateLimit,
        FailedDeliveries = row.FailedDeliveries,
        Circuit = new(row.FailedAttempts, row.HeldUntil > time.GetUtcNow() ? row.HeldUntil : null),
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
    };
}
