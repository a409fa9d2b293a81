using System.Security.Cryptography;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>The signing keys of endpoints, in the formats of Standard Webhooks.</summary>
public static class EndpointKeys
{
    /// <summary>HMAC-SHA256: the merchant has the same secret.</summary>
    public const string Symmetric = "v1";

    /// <summary>Ed25519: the merchant has the public key.</summary>
    public const string Asymmetric = "v1a";

    private const int KeySize = 32;

    public static IReadOnlyList<string> Signatures { get; } = [Symmetric, Asymmetric];

    /// <summary>Creates a secret of 32 random bytes: <c>whsec_…</c>, or <c>whsk_…</c> for v1a.</summary>
    public static Secret New(string signature)
    {
        var bytes = RandomNumberGenerator.GetBytes(KeySize);
        return new((signature == Asymmetric ? "whsk_" : "whsec_") + Convert.ToBase64String(bytes));
    }

    /// <summary>
    /// Returns the public key, <c>whpk_…</c>, that verifies the signatures of a <c>whsk_…</c> secret; null for other secrets.
    /// </summary>
    public static string? PublicKey(Secret secret)
    {
        if (!secret.Reveal().StartsWith("whsk_", StringComparison.Ordinal))
        {
            return null;
        }

        var publicKey = new byte[KeySize];
        Ed25519.GeneratePublicKey(Convert.FromBase64String(secret.Reveal()["whsk_".Length..]), 0, publicKey, 0);
        return "whpk_" + Convert.ToBase64String(publicKey);
    }

    /// <summary>Returns the signing key of a secret.</summary>
    public static SigningKey Parse(Secret secret) => SigningKey.Parse(secret, KeyEncoding.StandardWebhooks);
}
