using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Secret = Aspire.Webhooks.ServiceDefaults.Redaction.Secret;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>
/// Encrypts the secrets and headers of endpoints for storage. Each ciphertext is bound to its endpoint: in the row of another
/// endpoint it cannot be decrypted.
/// </summary>
public sealed class SecretProtection(IDataProtectionProvider provider)
{
    private const string Purpose = "Aspire.Webhooks.Endpoint";

    /// <summary>Encrypts a secret of an endpoint.</summary>
    public string Protect(Guid endpoint, Secret secret) => Protector(endpoint).Protect(secret.Reveal());

    /// <summary>Decrypts a secret of an endpoint.</summary>
    /// <exception cref="CryptographicException">The secret belongs to another endpoint, or the key is missing.</exception>
    public Secret Unprotect(Guid endpoint, string stored)
    {
        try
        {
            return new(Protector(endpoint).Unprotect(stored));
        }
        catch (CryptographicException exception)
        {
            // Merchants see this message at their deliveries. The inner exception is logged.
            throw new CryptographicException("The endpoint's secrets or headers cannot be decrypted.", exception);
        }
    }

    private IDataProtector Protector(Guid endpoint) => provider.CreateProtector(Purpose, endpoint.ToString());
}
