using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Secret = Aspire.Webhooks.ServiceDefaults.Redaction.Secret;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>
/// Encrypts what endpoints are trusted with, for storing. The cipher text is the endpoint's: copied to another's row it
/// cannot be read.
/// </summary>
public sealed class SecretProtection(IDataProtectionProvider provider)
{
    private const string Purpose = "Aspire.Webhooks.Endpoint";

    /// <returns>What to store.</returns>
    public string Protect(Guid endpoint, Secret secret) => Protector(endpoint).Protect(secret.Reveal());

    /// <exception cref="CryptographicException">It is another endpoint's, or the key is not there.</exception>
    public Secret Unprotect(Guid endpoint, string stored)
    {
        try
        {
            return new(Protector(endpoint).Unprotect(stored));
        }
        catch (CryptographicException exception)
        {
            // The merchant reads this at a delivery; the inner one is for the log.
            throw new CryptographicException("What the endpoint is trusted with cannot be decrypted.", exception);
        }
    }

    private IDataProtector Protector(Guid endpoint) => provider.CreateProtector(Purpose, endpoint.ToString());
}
