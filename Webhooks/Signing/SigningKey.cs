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
    /// <c>whsk_</c> for a private one.
    /// </summary>
    StandardWebhooks,

    /// <summary>An Ed25519 public key in hex, as Discord shows it, or with <c>whpk_</c> or <c>whsk_</c>.</summary>
    Ed25519,

    /// <summary>The secret is the base64 of the key.</summary>
    Base64,

    /// <summary>The secret is the hex of the key.</summary>
    Hex,
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

    private readonly byte[] _bytes;
    private readonly bool _isEd25519;

    private SigningKey(byte[] bytes, bool isEd25519, bool canSign, DateTimeOffset? expiresAt)
    {
        _bytes = bytes;
        _isEd25519 = isEd25519;
        CanSign = canSign;
        ExpiresAt = expiresAt;
    }

    /// <summary>Whether the key can sign. A public key can only verify.</summary>
    public bool CanSign { get; }

    /// <summary>The time from which the key neither verifies nor signs; null when it does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>Whether an HMAC key has fewer bytes than Standard Webhooks requires, which makes it easier to guess.</summary>
    public bool IsShort => !_isEd25519 && _bytes.Length < MinHmacSize;

    /// <summary>The bytes of the key. An Ed25519 key is the public key, preceded by the seed if the key can sign.</summary>
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

        if (encoding is KeyEncoding.StandardWebhooks or KeyEncoding.Ed25519 && ParseEd25519(text, expiresAt) is { } key)
        {
            return key;
        }

        return encoding switch
        {
            KeyEncoding.Utf8 => Hmac(Encoding.UTF8.GetBytes(text)),
            KeyEncoding.Base64 => Hmac(FromBase64(text, "base64")),
            KeyEncoding.Hex => Hmac(FromHex(text)),
            KeyEncoding.StandardWebhooks when text.StartsWith(HmacPrefix, StringComparison.Ordinal) =>
                Hmac(FromBase64(text[HmacPrefix.Length..], StandardRule)) is { IsShort: false } standard
                    ? standard
                    : throw new FormatException($"The secret has fewer than the {MinHmacSize} bytes that whsec_… requires."),
            KeyEncoding.StandardWebhooks => Hmac(FromBase64(text, StandardRule)),
            _ => FromHex(text) is { Length: PublicKeySize } bytes
                ? new(bytes, isEd25519: true, canSign: false, expiresAt)
                : throw new FormatException(
                    $"The secret is not the hex of a public key's {PublicKeySize} bytes, nor whpk_… or whsk_…."),
        };

        SigningKey Hmac(byte[] bytes) => new(bytes, isEd25519: false, canSign: true, expiresAt);
    }

    /// <summary>Whether the key belongs to the algorithm.</summary>
    public bool Fits(SignatureAlgorithm algorithm) => algorithm == SignatureAlgorithm.Ed25519 == _isEd25519;

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
                ? new(publicKey, isEd25519: true, canSign: false, expiresAt)
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
            ? new(pair, isEd25519: true, canSign: true, expiresAt)
            : throw new FormatException("The secret's public key is not that of its seed.");
    }

    private static byte[] FromBase64(string text, string rule)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) && count > 0
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
