using System.Globalization;

namespace Aspire.Webhooks.Signing;

/// <summary>Signs an outgoing request: the other half of <see cref="SignatureVerifier"/>, driven by the same data.</summary>
public static class MessageSigner
{
    /// <summary>The URL to send to: the given one, but for schemes that want the body's hash in it.</summary>
    public static string UrlFor(SignatureScheme scheme, string url, string? contentType, ReadOnlySpan<byte> body) =>
        scheme.Content.Has(SignedField.Form) ? SignedForm.UrlFor(url, contentType, body) : url;

    /// <summary>
    /// The headers that the scheme asks for: id, timestamp and one signature per key, so that a receiver holding any
    /// of the active secrets accepts the request.
    /// </summary>
    /// <param name="url">Where it is sent, from <see cref="UrlFor"/>; needed for schemes that sign it.</param>
    /// <param name="contentType">Of the body; needed for schemes that sign form fields.</param>
    /// <exception cref="ArgumentException">
    /// No key can sign with any of the scheme's algorithms, the header holds one signature and there are several keys, or
    /// the URL is missing or does not carry what the scheme wants there.
    /// </exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Sign(
        SignatureScheme scheme,
        IReadOnlyList<SigningKey> keys,
        string id,
        DateTimeOffset now,
        ReadOnlySpan<byte> body,
        string? url = null,
        string? contentType = null)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var content = Content(scheme, id, timestamp, body, url, contentType);
        var entries = new List<string>(keys.Count + 1);
        foreach (var key in keys.Where(key => key.CanSign && key.IsActive(now)))
        {
            if (scheme.Versions.FirstOrDefault(version => key.Fits(version.Algorithm)) is { } version)
            {
                var signature = Signatures.Compute(version.Algorithm, key, content);
                entries.Add(version.Prefix + (version.Encoding == SignatureEncoding.Base64
                    ? Convert.ToBase64String(signature)
                    : Convert.ToHexStringLower(signature)));
            }
        }

        if (entries.Count == 0 || (entries.Count > 1 && scheme.Separator is null))
        {
            throw new ArgumentException(
                $"The scheme's {scheme.SignatureHeader} cannot carry {entries.Count} signatures.", nameof(keys));
        }

        if (scheme.TimestampPrefix is { } prefix)
        {
            entries.Insert(0, prefix + timestamp);
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

    private static byte[] Content(
        SignatureScheme scheme, string id, string timestamp, ReadOnlySpan<byte> body, string? url, string? contentType)
    {
        if (url is null && scheme.Content.Has(SignedField.Url))
        {
            throw new ArgumentException("The scheme signs the URL, which is missing.", nameof(url));
        }

        var form = scheme.Content.Has(SignedField.Form) ? SignedForm.Of(contentType, body, url ?? "") : "";
        var values = new SignedValues { Id = id, Timestamp = timestamp, Url = url, Body = body, Form = form
            ?? throw new ArgumentException("The URL does not carry the hash of the body, which is no form.", nameof(url)) };
        var content = new byte[scheme.Content.MaxLength(values)];
        return content[..scheme.Content.Write(content, values)];
    }
}
