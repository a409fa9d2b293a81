using System.Net;
using System.Text;
using System.Text.Unicode;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Api;

/// <summary>Converts a stored body to the redacted text that operators see.</summary>
public static class BodyText
{
    /// <summary>The largest text that is shown, in bytes of UTF-8.</summary>
    public const int MaxBytes = 64 * 1024;

    // A secret that is cut in two is not recognized. So redaction reads this much more than is shown, and the result leaves the
    // rest out.
    private const int Margin = 16 * 1024;
    private const int MaxInflated = 32 * 1024 * 1024;

    /// <param name="body">The body; null when it was deleted.</param>
    public static BodyView Of(byte[]? body, string contentType, string? encoding, Redactor redactor)
    {
        if (body is null)
        {
            return new(0, encoding, null, false, "deleted");
        }

        var inflated = body;
        if (encoding is not null && ContentCoding.TryInflate(encoding, body, MaxInflated, out inflated) is var result
            && inflated is null)
        {
            return new(body.Length, encoding, null, false, result == InflateResult.TooLarge ? "too_large" : "binary");
        }

        // A mark would keep JSON and the first field of a form from being recognized.
        var plain = ByteOrderMark.Skip(inflated).Span;
        if (!Utf8.IsValid(plain) || plain.Contains((byte)0))
        {
            return new(body.Length, encoding, null, false, "binary");
        }

        // A character that is cut becomes U+FFFD, which is left out with the rest of the margin.
        var isCut = plain.Length > MaxBytes + Margin;
        var start = Encoding.UTF8.GetString(plain[..(isCut ? MaxBytes + Margin : plain.Length)]);
        var text = StorableText.Redacted(start, part => Redact(part, contentType, redactor), isCut ? Margin : 0);
        var shown = StorableText.Bytes(text, MaxBytes);
        return new(body.Length, encoding, shown, isCut || shown.Length < text.Length, null);
    }

    // Forms are redacted field by field, so that the name of a credential hides its own value and not the rest of the line.
    private static string Redact(string text, string contentType, Redactor redactor) =>
        BodyFormat.Of(contentType) == BodyFormats.Form
            ? string.Join('&', text.Split('&').Select(field => RedactField(field, redactor)))
            : redactor.Redact(text);

    private static string RedactField(string field, Redactor redactor)
    {
        var asSent = redactor.Redact(field);
        var at = asSent.IndexOf('=', StringComparison.Ordinal);
        if (at < 0)
        {
            return asSent;
        }

        // Percent-encoding can hide the shape of a credential.
        var value = WebUtility.UrlDecode(asSent[(at + 1)..]);
        var redacted = redactor.Redact(WebUtility.UrlDecode(asSent[..at]), value);
        return ReferenceEquals(redacted, value) ? asSent : $"{asSent[..at]}={WebUtility.UrlEncode(redacted)}";
    }
}
