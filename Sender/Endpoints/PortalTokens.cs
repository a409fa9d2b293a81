using System.Security.Claims;
using System.Security.Cryptography;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.DataProtection;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>
/// Tokens that open the portal for one merchant until they expire. They are encrypted with the keys that all Senders share, so
/// nothing is stored, and each Sender accepts them.
/// </summary>
public sealed class PortalTokens(IDataProtectionProvider provider)
{
    // It tells them apart from an issuer's tokens, which are JWTs.
    private const string Prefix = "portal_";
    private const string Purpose = "Aspire.Webhooks.Portal";
    private const string Subject = "portal";

    // What a merchant does in the portal: all with its endpoints and deliveries, and messages to try them.
    private static readonly string Scopes = $"{Scope.WebhooksWrite.Name} {Scope.MessagesWrite.Name}";

    private readonly ITimeLimitedDataProtector _protector =
        provider.CreateProtector(Purpose).ToTimeLimitedDataProtector();

    public string Create(string merchant, DateTimeOffset expiresAt) => Prefix + _protector.Protect(merchant, expiresAt);

    /// <summary>Returns whom a token stands for; null for one that is not ours or has expired.</summary>
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
