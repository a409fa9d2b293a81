using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Aspire.Webhooks.Signing;

/// <summary>Parses public keys for ECDSA with P-256 and for RSA of at least 2048 bits.</summary>
public static class PublicKeyParser
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 4096;

    // More keys than any provider publishes at once. Each of them costs time in a verification without a key id.
    private const int MaxKeys = 64;

    private const string Rule =
        "The secret is no public key: it is PEM, the base64 of DER, or a JSON Web Key, for P-256 or RSA with 2048 to 4096 bits.";

    /// <summary>
    /// Parses PEM with keys or certificates, base64 of one SubjectPublicKeyInfo or certificate in DER, a JSON Web Key or a set of
    /// them. A certificate's key expires with it. Keys of a set that are for other algorithms are skipped.
    /// </summary>
    /// <exception cref="FormatException">The text has no usable key. The message does not quote it.</exception>
    public static IReadOnlyList<SigningKey> Parse(string text, DateTimeOffset? expiresAt = null)
    {
        try
        {
            var keys = text.TrimStart().StartsWith('{')
                ? WebKeys(text, expiresAt)
                : text.Contains("-----BEGIN", StringComparison.Ordinal)
                    ? Pem(text.Replace("\\n", "\n", StringComparison.Ordinal), expiresAt)
                    : [Der(Convert.FromBase64String(text), expiresAt)];
            return keys.Count is > 0 and <= MaxKeys ? keys : throw new FormatException(Rule);
        }
        catch (Exception exception) when (
            exception is CryptographicException or ArgumentException or FormatException or JsonException)
        {
            throw new FormatException(Rule, exception);
        }
    }

    internal static ECDsa Ecdsa(SigningKey key)
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(key.Bytes, out _);
        return ecdsa;
    }

    internal static RSA Rsa(SigningKey key)
    {
        var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key.Bytes, out _);
        return rsa;
    }

    private static List<SigningKey> Pem(string text, DateTimeOffset? expiresAt)
    {
        var keys = new List<SigningKey>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var bytes = Convert.FromBase64String(rest[fields.Base64Data].ToString());
            keys.Add(rest[fields.Label] switch
            {
                "CERTIFICATE" => Certificate(bytes, expiresAt),
                "PUBLIC KEY" => PublicKey(bytes, expiresAt, id: null),
                _ => throw new FormatException(Rule),
            });
            rest = rest[fields.Location.End..];
        }

        return keys;
    }

    private static SigningKey Der(byte[] bytes, DateTimeOffset? expiresAt)
    {
        try
        {
            return PublicKey(bytes, expiresAt, id: null);
        }
        catch (CryptographicException)
        {
            return Certificate(bytes, expiresAt);
        }
    }

    private static SigningKey Certificate(byte[] bytes, DateTimeOffset? expiresAt)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(bytes);
        var end = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        var until = expiresAt is { } own && own < end ? own : end;
        return PublicKey(certificate.PublicKey.ExportSubjectPublicKeyInfo(), until, id: null);
    }

    private static SigningKey PublicKey(byte[] bytes, DateTimeOffset? expiresAt, string? id)
    {
        var key = System.Security.Cryptography.X509Certificates.PublicKey.CreateFromSubjectPublicKeyInfo(bytes, out _);
        using var rsa = key.GetRSAPublicKey();
        if (rsa is not null)
        {
            return rsa.KeySize is >= MinRsaBits and <= MaxRsaBits
                ? SigningKey.Public(bytes, KeyKind.Rsa, expiresAt, id)
                : throw new FormatException(Rule);
        }

        using var ecdsa = key.GetECDsaPublicKey();
        return ecdsa?.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
            ? SigningKey.Public(bytes, KeyKind.Ecdsa, expiresAt, id)
            : throw new FormatException(Rule);
    }

    private static List<SigningKey> WebKeys(string text, DateTimeOffset? expiresAt)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.TryGetProperty("keys", out _)
            ? [.. JsonWebKeySet.Create(text).Keys.Select(key => WebKey(key, expiresAt)).OfType<SigningKey>()]
            : [WebKey(new JsonWebKey(text), expiresAt) ?? throw new FormatException(Rule)];
    }

    private static SigningKey? WebKey(JsonWebKey key, DateTimeOffset? expiresAt)
    {
        switch (key.Kty)
        {
            case "RSA":
                using (var rsa = RSA.Create(new RSAParameters
                {
                    Modulus = Base64UrlEncoder.DecodeBytes(key.N), Exponent = Base64UrlEncoder.DecodeBytes(key.E),
                }))
                {
                    return PublicKey(rsa.ExportSubjectPublicKeyInfo(), expiresAt, key.Kid);
                }

            case "EC" when key.Crv == "P-256":
                using (var ecdsa = ECDsa.Create(new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    Q = new() { X = Base64UrlEncoder.DecodeBytes(key.X), Y = Base64UrlEncoder.DecodeBytes(key.Y) },
                }))
                {
                    return PublicKey(ecdsa.ExportSubjectPublicKeyInfo(), expiresAt, key.Kid);
                }

            default:
                return null;
        }
    }
}
