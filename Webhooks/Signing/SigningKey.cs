using System.Text;
using Aspire.Webhooks.Redaction;

namespace Aspire.Webhooks.Signing;

/// <summary>A secret made ready for one algorithm. Its bytes never show in <see cref="ToString"/>.</summary>
public sealed class SigningKey
{
    private const string HmacPrefix = "whsec_";
    private const string PublicPrefix = "whpk_";
    private const string PrivatePrefix = "whsk_";

    private readonly byte[] _bytes;

    private SigningKey(SignatureAlgorithm algorithm, byte[] bytes, bool canSign)
    {
        Algorithm = algorithm;
        _bytes = bytes;
        CanSign = canSign;
    }

    /// <summary>What this key can compute or check.</summary>
    public SignatureAlgorithm Algorithm { get; }

    /// <summary>False for a public key, which only verifies.</summary>
    public bool CanSign { get; }

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Reads a configured secret.</summary>
    /// <exception cref="FormatException">The secret is empty or not what <paramref name="encoding"/> asks for. The message never quotes it.</exception>
    public static SigningKey Parse(Secret secret, KeyEncoding encoding)
    {
        var text = secret.Reveal();
        if (text.Length == 0)
        {
            throw new FormatException("The secret is empty.");
        }

        if (encoding == KeyEncoding.Utf8)
        {
            return new(SignatureAlgorithm.HmacSha256, Encoding.UTF8.GetBytes(text), canSign: true);
        }

        if (text.StartsWith(PublicPrefix, StringComparison.Ordinal))
        {
            return new(SignatureAlgorithm.Ed25519, Decode(text[PublicPrefix.Length..], 32, "a whpk_ key has 32 bytes"), canSign: false);
        }

        if (text.StartsWith(PrivatePrefix, StringComparison.Ordinal))
        {
            return new(SignatureAlgorithm.Ed25519, Decode(text[PrivatePrefix.Length..], 64, "a whsk_ key has 64 bytes: seed and public key"), canSign: true);
        }

        var bare = text.StartsWith(HmacPrefix, StringComparison.Ordinal) ? text[HmacPrefix.Length..] : text;
        return new(SignatureAlgorithm.HmacSha256, Decode(bare, null, ""), canSign: true);
    }

    /// <inheritdoc />
    public override string ToString() => "***";

    private static byte[] Decode(string base64, int? length, string rule)
    {
        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out var count) || count == 0)
        {
            throw new FormatException("The secret is not base64, as Standard Webhooks has it (whsec_…).");
        }

        return length is null || length == count ? bytes[..count] : throw new FormatException($"The secret has {count} bytes; {rule}.");
    }
}
