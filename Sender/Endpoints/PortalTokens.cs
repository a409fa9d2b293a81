using System.Security.Claims;
using System.Security.Cryptography;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.DataProtection;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>
/// Creates and reads tokens that give access to one merchant until they expire. They are encrypted with the keys that all Senders
/// share, so every Sender accepts them and nothing is stored.
/// </summary>
public sealed class PortalTokens(IDataProtectionProvider provider)
{
    // Distinguishes them from the issuer's tokens, which are JWTs.
    private const string Prefix = "portal_";
    private const string Purpose = "Aspire.Webhooks.Portal";
    private const string Subject = "portal";

    // A merchant manages its endpoints and deliveries, and publishes messages to test them.
    private static readonly string Scopes = $"{Scope.WebhooksWrite.Name} {Scope.MessagesWrite.Name}";

    private readonly ITimeLimitedDataProtector _protector =
        provider.CreateProtector(Purpose).ToTimeLimitedDataProtector();

    public string Create(string merchant, DateTimeOffset expiresAt) => Prefix + _protector.Protect(merchant, expiresAt);

    /// <summary>Returns the merchant of a token; null if it is not one of ours or has expired.</summary>
    public ClaimsPrincipal? Read(string token)
    {
        if (!token.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            var merchant = _protector.Unprotect(token[Prefix.Length..], out _);
            Claim[] claims = [new("sub", Subject), new("scope", Scopes), new(Merchant.Claim, merchant)];
            return new(new ClaimsIdentity(claims, JwtBearerDefaults.AuthenticationScheme));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
