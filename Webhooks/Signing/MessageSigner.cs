using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Webhooks.Payloads;

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
    /// Returns the body to send. It differs from <paramref name="body"/> only for schemes that have the id, the time or the
    /// signature in the body.
    /// </summary>
    /// <exception cref="ArgumentException">The body is not JSON, or no key can sign.</exception>
    public static byte[] BodyFor(
        SignatureScheme scheme, IReadOnlyList<SigningKey> keys, string id, DateTimeOffset now, byte[] body)
    {
        var time = TimestampOf(scheme, now);
        var changed = Put(body, (scheme.IdAt, id), (scheme.TimestampAt, time));
        if (scheme.SignatureHeader.Length > 0 || scheme.SignatureAt is not { ReadsBody: true })
        {
            return changed;
        }

        var content = Content(scheme, id, time, changed, url: null, contentType: null);
        return Entries(scheme, keys, now, content) is [var signature]
            ? Put(changed, (scheme.SignatureAt, signature))
            : throw new ArgumentException("The body carries one signature, so that one key signs.", nameof(keys));
    }

    /// <summary>Returns the HMAC-SHA256 of a text, as providers expect it of one who proves to have the secret.</summary>
    /// <exception cref="ArgumentException">The key is not shared.</exception>
    public static byte[] Hmac(SigningKey key, string text) => key.Fits(SignatureAlgorithm.HmacSha256)
        ? Signatures.Compute(SignatureAlgorithm.HmacSha256, key, Encoding.UTF8.GetBytes(text))
        : throw new ArgumentException("The key is not shared.", nameof(key));

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
        var timestamp = TimestampOf(scheme, now);
        var headers = new List<KeyValuePair<string, string>>(3);
        if (scheme.SignatureHeader.Length > 0)
        {
            var entries = Entries(scheme, keys, now, Content(scheme, id, timestamp, body, url, contentType));
            headers.AddRange(SignatureHeaders(scheme, entries, timestamp));
        }

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

    private static List<string> Entries(
        SignatureScheme scheme, IReadOnlyList<SigningKey> keys, DateTimeOffset now, byte[] content)
    {
        var entries = new List<string>(keys.Count + 1);
        foreach (var key in keys.Where(key => key.CanSign && key.IsActive(now)))
        {
            if (scheme.Versions.FirstOrDefault(version => key.Fits(version.Algorithm)) is { } version)
            {
                entries.Add(version.Prefix + Text(version, key, content));
            }
        }

        return entries.Count > 0 && (entries.Count == 1 || scheme.Separator is not null)
            ? entries
            : throw new ArgumentException(
                $"The scheme's {scheme.SignatureHeader} cannot carry {entries.Count} signatures.", nameof(keys));
    }

    private static string Text(SignatureVersion version, SigningKey key, byte[] content)
    {
        if (version.Algorithm == SignatureAlgorithm.Token)
        {
            return Encoding.UTF8.GetString(key.Bytes);
        }

        var signature = Signatures.Compute(version.Algorithm, key, content);
        return version.Encoding == SignatureEncoding.Base64
            ? Convert.ToBase64String(signature)
            : Convert.ToHexStringLower(signature);
    }

    private static IEnumerable<KeyValuePair<string, string>> SignatureHeaders(
        SignatureScheme scheme, List<string> entries, string timestamp)
    {
        if (scheme.IsNumbered)
        {
            return entries.Select((entry, index) => KeyValuePair.Create(
                scheme.SignatureHeader.Replace(SignatureScheme.Number, $"{index + 1}", StringComparison.Ordinal), entry));
        }

        if (scheme.TimestampPrefix is { } prefix)
        {
            entries.Insert(0, prefix + timestamp);
        }

        return [new(scheme.SignatureHeader, string.Join(scheme.Separator ?? ' ', entries))];
    }

    private static string TimestampOf(SignatureScheme scheme, DateTimeOffset now) => scheme.TimestampFormat switch
    {
        TimestampFormat.Iso8601 => now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        TimestampFormat.UnixMilliseconds => now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
        _ => now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
    };

    private static byte[] Put(byte[] body, params ReadOnlySpan<(FieldLocator? Place, string Value)> values)
    {
        JsonNode? node = null;
        foreach (var (place, value) in values)
        {
            if (place?.Pointers.FirstOrDefault() is { } pointer)
            {
                node = pointer.Put(node ?? Parse(body), value);
            }
        }

        return node is null ? body : Encoding.UTF8.GetBytes(node.ToJsonString());
    }

    private static JsonNode? Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body);
        }
        catch (JsonException exception)
        {
            throw new ArgumentException("The scheme signs members of the body, which is not JSON.", nameof(body), exception);
        }
    }

    private static byte[] Content(
        SignatureScheme scheme, string id, string timestamp, ReadOnlySpan<byte> body, string? url, string? contentType)
    {
        if (url is null && scheme.Content.Has(SignedField.Url))
        {
            throw new ArgumentException("The scheme signs the URL, which is missing.", nameof(url));
        }

        using var json = scheme.Content.ReadsMembers ? PayloadParser.TryParse(BodyFormats.Json, body.ToArray()) : null;
        var form = scheme.Content.Has(SignedField.Form) ? SignedForm.Of(contentType, body, url ?? "") : "";
        var values = new SignedValues
        {
            Id = id, Timestamp = timestamp, Url = url, Body = body, Method = "POST", Json = json?.RootElement,
            Form = form
                ?? throw new ArgumentException("The URL must contain the hash of a body that is not a form.", nameof(url)),
        };
        var content = new byte[scheme.Content.MaxLength(values)];
        return content[..scheme.Content.Write(content, values)];
    }
}
