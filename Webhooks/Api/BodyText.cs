using System.Net;
using System.Text;
using System.Text.Unicode;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Api;

/// <summary>Makes of a stored body what an operator may see.</summary>
public static class BodyText
{
    /// <summary>How much text is shown, in bytes of UTF-8.</summary>
    public const int MaxBytes = 64 * 1024;

    // A secret that is cut in two is not recognised: more is looked at than shown, and the end of what was looked at is left out.
    private const int Margin = 16 * 1024;
    private const int MaxInflated = 32 * 1024 * 1024;

    public static BodyView Of(byte[] body, string contentType, string? encoding, Redactor redactor)
    {
        var plain = body;
        if (encoding is not null && ContentCoding.TryInflate(encoding, body, MaxInflated, out plain) is var result
            && plain is null)
        {
            return new(body.Length, encoding, null, false, result == InflateResult.TooLarge ? "too_large" : "binary");
        }

        if (!Utf8.IsValid(plain) || plain.Contains((byte)0))
        {
            return new(body.Length, encoding, null, false, "binary");
        }

        // What the end leaves of a character is U+FFFD, and left out with the rest of the margin.
        var isCut = plain.Length > MaxBytes + Margin;
        var start = Encoding.UTF8.GetString(plain.AsSpan(0, isCut ? MaxBytes + Margin : plain.Length));
        var text = StorableText.Redacted(start, part => Redact(part, contentType, redactor), isCut ? Margin : 0);
        var shown = StorableText.Bytes(text, MaxBytes);
        return new(body.Length, encoding, shown, isCut || shown.Length < text.Length, null);
    }

    // Field by field, so that a credential's name hides its own value and not all that follows in the line.
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

        // Escapes can hide a credential's shape.
        var value = WebUtility.UrlDecode(asSent[(at + 1)..]);
        var redacted = redactor.Redact(WebUtility.UrlDecode(asSent[..at]), value);
        return ReferenceEquals(redacted, value) ? asSent : $"{asSent[..at]}={WebUtility.UrlEncode(redacted)}";
    }
}
