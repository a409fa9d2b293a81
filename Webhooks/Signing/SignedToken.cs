using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Aspire.Webhooks.Signing;

/// <summary>Verifies JSON Web Tokens that providers send with their requests.</summary>
internal static class SignedToken
{
    private const string Issuer = "iss";
    private const string Audience = "aud";

    // Tokens of providers have one or two kilobytes.
    private static readonly JsonWebTokenHandler Handler = new() { MaximumTokenSizeInBytes = 16 * 1024 };

    // Keys are created for each verification, and cached verifiers would outlive them.
    private static readonly CryptoProviderFactory Uncached = new() { CacheSignatureProviders = false };

    /// <summary>
    /// Parses the identity of a source: claims such as <c>aud=https://hooks.example.com/webhooks/x email=a@example.com</c>,
    /// separated by spaces.
    /// </summary>
    /// <exception cref="FormatException">An entry is no claim, or a required claim is absent.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> ClaimsOf(string identity, IEnumerable<string> required)
    {
        List<KeyValuePair<string, string>> claims =
        [
            .. identity.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split('=', 2)).Select(pair =>
                pair is [{ Length: > 0 } name, { Length: > 0 } value]
                    ? KeyValuePair.Create(name, value)
                    : throw new FormatException("The identity is not a list of claims such as 'aud=VALUE email=VALUE'.")),
        ];
        return required.FirstOrDefault(name => claims.TrueForAll(claim => claim.Key != name)) is { } missing
            ? throw new FormatException($"The identity lacks the claim '{missing}'.")
            : claims;
    }

    /// <summary>Verifies signature, time, claims and the hash of the body.</summary>
    public static VerificationResult Verify(
        string token, SignatureScheme scheme, IReadOnlyList<SigningKey> keys, ReadOnlySpan<byte> body, DateTimeOffset now,
        TimeSpan tolerance)
    {
        if (Read(token, keys, now) is not { } claims)
        {
            return VerificationResult.WrongSignature;
        }

        if (!IsCurrent(claims, now, tolerance))
        {
            return VerificationResult.StaleTimestamp;
        }

        var identities = keys.Where(key => key.Kind == KeyKind.Identity).ToList();
        var isExpected = scheme.Claims.All(claim => claim.Value.Any(value => Has(claims, claim.Key, value)))
            && (scheme.Keys is null || identities.Exists(identity =>
                ClaimsOf(Encoding.UTF8.GetString(identity.Bytes), []).All(claim => Has(claims, claim.Key, claim.Value))));
        return isExpected && CoversBody(claims, scheme.BodyHashClaim, body)
            ? VerificationResult.Valid
            : VerificationResult.WrongSignature;
    }

    /// <summary>The claims that the identity of a source must name for the scheme.</summary>
    public static IEnumerable<string> RequiredClaims(SignatureScheme scheme) =>
        scheme.Claims.ContainsKey(Issuer) ? [Audience, .. scheme.IdentityClaims] : [Issuer, Audience, .. scheme.IdentityClaims];

    private static ClaimsIdentity? Read(string token, IReadOnlyList<SigningKey> keys, DateTimeOffset now)
    {
        var parameters = new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256],
            CryptoProviderFactory = Uncached,
            IssuerSigningKeys = keys.Where(key => key.Fits(SignatureAlgorithm.Jwt) && key.IsActive(now)).Select(SecurityKeyOf),

            // Issuer, audience and time are claims like others, and are compared below: by our clock.
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
        };

        // All keys are given, so that nothing is waited for.
        var result = Handler.ValidateTokenAsync(token, parameters).GetAwaiter().GetResult();
        return result.IsValid ? result.ClaimsIdentity : null;
    }

    private static SecurityKey SecurityKeyOf(SigningKey key) => key.Kind == KeyKind.Rsa
        ? new RsaSecurityKey(PublicKeyParser.Rsa(key).ExportParameters(includePrivateParameters: false)) { KeyId = key.Id }
        : new ECDsaSecurityKey(PublicKeyParser.Ecdsa(key)) { KeyId = key.Id };

    // A token without an end is as old as the scheme tolerates.
    private static bool IsCurrent(ClaimsIdentity claims, DateTimeOffset now, TimeSpan tolerance)
    {
        var issued = Time(claims, "iat");
        var end = Time(claims, "exp");
        return (issued is not null || end is not null)
            && (end is null || now < end + tolerance)
            && (issued is null || issued <= now + tolerance)
            && (end is not null || now <= issued + tolerance)
            && (Time(claims, "nbf") is not { } start || start <= now + tolerance);
    }

    private static DateTimeOffset? Time(ClaimsIdentity claims, string name) =>
        long.TryParse(claims.FindFirst(name)?.Value, out var seconds) && seconds is >= 0 and < 100_000_000_000
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    // Booleans are read as "true" or "True", by the version of the library.
    private static bool Has(ClaimsIdentity claims, string name, string value) => claims.HasClaim(claim => claim.Type == name
        && string.Equals(
            claim.Value,
            value,
            claim.ValueType == ClaimValueTypes.Boolean ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));

    private static bool CoversBody(ClaimsIdentity claims, string? name, ReadOnlySpan<byte> body) => name is null || string.Equals(
        claims.FindFirst(name)?.Value, Convert.ToHexStringLower(SHA256.HashData(body)), StringComparison.OrdinalIgnoreCase);
}
