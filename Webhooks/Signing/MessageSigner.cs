using System.Globalization;

namespace Aspire.Webhooks.Signing;

/// <summary>
/// Signs outgoing requests with the same <see cref="SignatureScheme"/> data that <see cref="SignatureVerifier"/> verifies with.
/// </summary>
public static class MessageSigner
{
    /// <summary>
    /// Returns the URL to send to. It differs from <paramref name="url"/> only for schemes that put the body's hash into the
    /// query.
    /// </summary>
    public static string UrlFor(SignatureScheme scheme, string url, string? contentType, ReadOnlySpan<byte> body) =>
        scheme.Content.Has(SignedField.Form) ? SignedForm.UrlFor(url, contentType, body) : url;

    /// <summary>
    /// Returns the headers that the scheme requires: id, timestamp and one signature per key, so that a receiver that holds any
    /// of the active secrets accepts the request.
    /// </summary>
    /// <param name="url">The URL of the request, from <see cref="UrlFor"/>. Required by schemes that sign it.</param>
    /// <param name="contentType">The media type of the body. Required by schemes that sign form fields.</param>
    /// <exception cref="ArgumentException">No key can sign with any of the scheme's algorithms; there are several keys and the
    /// header holds one signature; or the URL is missing or lacks the hash that the scheme requires.</exception>
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
            ?? throw new ArgumentException("The URL must contain the hash of a body that is not a form.", nameof(url)) };
        var content = new byte[scheme.Content.MaxLength(values)];
        return content[..scheme.Content.Write(content, values)];
    }
}
