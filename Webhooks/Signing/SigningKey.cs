using System.Text;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Aspire.Webhooks.Signing;

/// <summary>The encodings of configured secrets.</summary>
public enum KeyEncoding
{
    /// <summary>The key is the UTF-8 bytes of the secret, including any prefix.</summary>
    Utf8,

    /// <summary>
    /// Standard Webhooks: <c>whsec_</c> (optional) and base64 for HMAC, <c>whpk_</c> for an Ed25519 public key,
    /// <c>whsk_</c> for a private one. The version in front, as some providers show it (<c>v1,whsec_…</c>), and missing padding
    /// do not matter.
    /// </summary>
    StandardWebhooks,

    /// <summary>An Ed25519 public key in hex, as Discord shows it, or with <c>whpk_</c> or <c>whsk_</c>.</summary>
    Ed25519,

    /// <summary>The secret is the base64 of the key.</summary>
    Base64,

    /// <summary>The secret is the hex of the key.</summary>
    Hex,

    /// <summary>
    /// A public key or certificate for ECDSA or RSA: PEM, base64 of its DER, or a JSON Web Key.
    /// </summary>
    PublicKey,
}

/// <summary>The kinds of keys.</summary>
internal enum KeyKind
{
    /// <summary>Bytes that both sides know.</summary>
    Shared,

    Ed25519,
    Ecdsa,
    Rsa,

    /// <summary>No key: what the sender must be, where the key is public and signs for anybody.</summary>
    Identity,
}

/// <summary>A key that signs or verifies. <see cref="ToString"/> never shows it.</summary>
public sealed class SigningKey
{
    private const string HmacPrefix = "whsec_";
    private const string StandardRule = "base64, as Standard Webhooks has it (whsec_…)";
    private const string PublicPrefix = "whpk_";
    private const string PrivatePrefix = "whsk_";
    private const int SeedSize = 32;
    private const int PublicKeySize = 32;

    // Standard Webhooks 1.0, "Signature scheme": the secret has 24 to 64 bytes.
    private const int MinHmacSize = 24;

    private static readonly string[] Versions = ["v1,", "v1a,"];

    private readonly byte[] _bytes;

    private SigningKey(byte[] bytes, KeyKind kind, bool canSign, DateTimeOffset? expiresAt, string? id = null)
    {
        _bytes = bytes;
        Kind = kind;
        CanSign = canSign;
        ExpiresAt = expiresAt;
        Id = id;
    }

    /// <summary>Whether the key can sign. A public key can only verify.</summary>
    public bool CanSign { get; }

    /// <summary>The time from which the key neither verifies nor signs; null when it does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>Whether an HMAC key has fewer bytes than Standard Webhooks requires, which makes it easier to guess.</summary>
    public bool IsShort => Kind == KeyKind.Shared && _bytes.Length < MinHmacSize;

    /// <summary>The id of the key among those of its owner (<c>kid</c>); null when it has none.</summary>
    internal string? Id { get; }

    internal KeyKind Kind { get; }

    /// <summary>
    /// The bytes of the key. An Ed25519 key is the public key, preceded by the seed if the key can sign. An ECDSA or RSA key is
    /// a SubjectPublicKeyInfo in DER.
    /// </summary>
    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Parses a configured secret.</summary>
    /// <exception cref="FormatException">The secret is empty or does not match <paramref name="encoding"/>. The message never
    /// quotes it.</exception>
    public static SigningKey Parse(Secret secret, KeyEncoding encoding, DateTimeOffset? expiresAt = null)
    {
        var text = secret.Reveal();
        if (text.Length == 0)
        {
            throw new FormatException("The secret is empty.");
        }

        if (encoding == KeyEncoding.StandardWebhooks)
        {
            text = WithoutVersion(text);
        }

        if (encoding is KeyEncoding.StandardWebhooks or KeyEncoding.Ed25519 && ParseEd25519(text, expiresAt) is { } key)
        {
            return key;
        }

        return encoding switch
        {
            KeyEncoding.PublicKey => PublicKeyParser.Parse(text, expiresAt) is [var only]
                ? only
                : throw new FormatException("The secret has several keys; name one secret for each."),
            KeyEncoding.Utf8 => Hmac(Encoding.UTF8.GetBytes(text)),
            KeyEncoding.Base64 => Hmac(FromBase64(text, "base64")),
            KeyEncoding.Hex => Hmac(FromHex(text)),
            KeyEncoding.StandardWebhooks when text.StartsWith(HmacPrefix, StringComparison.Ordinal) =>
                Hmac(FromBase64(text[HmacPrefix.Length..], StandardRule)) is { IsShort: false } standard
                    ? standard
                    : throw new FormatException($"The secret has fewer than the {MinHmacSize} bytes that whsec_… requires."),
            KeyEncoding.StandardWebhooks => Hmac(FromBase64(text, StandardRule)),
            _ => FromHex(text) is { Length: PublicKeySize } bytes
                ? new(bytes, KeyKind.Ed25519, canSign: false, expiresAt)
                : throw new FormatException(
                    $"The secret is not the hex of a public key's {PublicKeySize} bytes, nor whpk_… or whsk_…."),
        };

        SigningKey Hmac(byte[] bytes) => new(bytes, KeyKind.Shared, canSign: true, expiresAt);
    }

    /// <summary>Creates the identity of a source whose scheme fetches its keys.</summary>
    public static SigningKey Identity(string identity) =>
        new(Encoding.UTF8.GetBytes(identity), KeyKind.Identity, canSign: false, expiresAt: null);

    /// <summary>Whether the key belongs to the algorithm.</summary>
    public bool Fits(SignatureAlgorithm algorithm) => algorithm switch
    {
        SignatureAlgorithm.Ed25519 => Kind == KeyKind.Ed25519,
        SignatureAlgorithm.EcdsaP256 => Kind == KeyKind.Ecdsa,
        SignatureAlgorithm.RsaSha256 or SignatureAlgorithm.RsaSha1 => Kind == KeyKind.Rsa,
        SignatureAlgorithm.Jwt => Kind is KeyKind.Ecdsa or KeyKind.Rsa,
        _ => Kind == KeyKind.Shared,
    };

    internal static SigningKey Public(byte[] subjectPublicKeyInfo, KeyKind kind, DateTimeOffset? expiresAt, string? id) =>
        new(subjectPublicKeyInfo, kind, canSign: false, expiresAt, id);

    /// <summary>Whether the key has not expired.</summary>
    public bool IsActive(DateTimeOffset now) => ExpiresAt is not { } end || now < end;

    /// <inheritdoc />
    public override string ToString() => "***";

    private static SigningKey? ParseEd25519(string text, DateTimeOffset? expiresAt)
    {
        if (text.StartsWith(PublicPrefix, StringComparison.Ordinal))
        {
            var publicKey = FromBase64(text[PublicPrefix.Length..], "base64 after whpk_");
            return publicKey.Length == PublicKeySize
                ? new(publicKey, KeyKind.Ed25519, canSign: false, expiresAt)
                : throw new FormatException($"The secret has {publicKey.Length} bytes; a whpk_ key has {PublicKeySize}.");
        }

        if (!text.StartsWith(PrivatePrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var bytes = FromBase64(text[PrivatePrefix.Length..], "base64 after whsk_");
        if (bytes.Length is not (SeedSize or SeedSize + PublicKeySize))
        {
            throw new FormatException(
                $"The secret has {bytes.Length} bytes; a whsk_ key has 32, the seed, or 64: seed and public key.");
        }

        var pair = new byte[SeedSize + PublicKeySize];
        bytes.AsSpan(0, SeedSize).CopyTo(pair);
        Ed25519.GeneratePublicKey(bytes, 0, pair, SeedSize);
        return pair.AsSpan().StartsWith(bytes)
            ? new(pair, KeyKind.Ed25519, canSign: true, expiresAt)
            : throw new FormatException("The secret's public key is not that of its seed.");
    }

    private static string WithoutVersion(string text) => Array.Find(Versions, version =>
        text.StartsWith(version, StringComparison.Ordinal)) is { } version ? text[version.Length..] : text;

    // Without its padding, base64 says as much.
    private static byte[] FromBase64(string text, string rule)
    {
        var padded = text.EndsWith('=') ? text : text.PadRight((text.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var count) && count > 0
            ? bytes[..count]
            : throw new FormatException($"The secret is not {rule}.");
    }

    private static byte[] FromHex(string text)
    {
        var bytes = new byte[text.Length / 2];
        return Convert.FromHexString(text, bytes, out _, out var count) == System.Buffers.OperationStatus.Done && count > 0
            ? bytes
            : throw new FormatException("The secret is not hex.");
    }
}
