using System.Buffers;
using System.Globalization;

namespace Aspire.Webhooks.Signing;

/// <summary>Signs an outgoing request: the other half of <see cref="SignatureVerifier"/>, driven by the same data.</summary>
public static class MessageSigner
{
    /// <summary>
    /// The headers that the scheme asks for: id, timestamp and one signature per key, so that a receiver holding any
    /// of the active secrets accepts the request.
    /// </summary>
    /// <exception cref="ArgumentException">No key can sign with any of the scheme's algorithms, or the header holds one signature and there are several keys.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Sign(
        SignatureScheme scheme, IReadOnlyList<SigningKey> keys, string id, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var content = new ArrayBufferWriter<byte>(body.Length + 128);
        scheme.Content.Write(content, id, timestamp, body);

        var entries = new List<string>(keys.Count);
        foreach (var key in keys)
        {
            if (key.CanSign && scheme.Versions.FirstOrDefault(v => v.Algorithm == key.Algorithm) is { } version)
            {
                var signature = Signatures.Compute(key, content.WrittenSpan);
                entries.Add(version.Prefix + (version.Encoding == SignatureEncoding.Base64
                    ? Convert.ToBase64String(signature)
                    : Convert.ToHexStringLower(signature)));
            }
        }

        if (entries.Count == 0 || (entries.Count > 1 && scheme.Separator is null))
        {
            throw new ArgumentException($"The scheme's {scheme.SignatureHeader} cannot carry {entries.Count} signatures.", nameof(keys));
        }

        var headers = new List<KeyValuePair<string, string>>(3)
        {
            new(scheme.SignatureHeader, string.Join(scheme.Separator ?? ' ', entries)),
        };
        if (scheme.IdHeader is not null)
        {
            headers.Add(new(scheme.IdHeader, id));
        }

        if (scheme.TimestampHeader is not null)
        {
            headers.Add(new(scheme.TimestampHeader, timestamp));
        }

        return headers;
    }
}
