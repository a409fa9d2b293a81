using System.Net;
using System.Text;
using System.Text.Unicode;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Redaction;

namespace Aspire.Webhooks.Events;

/// <summary>Makes of a stored body what an operator may see.</summary>
public static class BodyText
{
    /// <summary>How much text is shown, in bytes of UTF-8.</summary>
    public const int MaxBytes = 64 * 1024;

    // A credential that begins in what is shown is recognized by what follows it.
    private const int Lookahead = 16 * 1024;
    private const int MaxInflated = 32 * 1024 * 1024;

    public static BodyView Of(byte[] body, string contentType, string? encoding, Redactor redactor)
    {
        var plain = body;
        if (encoding is not null && ContentCoding.TryInflate(encoding, body, MaxInflated, out plain) is var result && plain is null)
        {
            return new(body.Length, encoding, null, false, result == InflateResult.TooLarge ? "too_large" : "binary");
        }

        if (!Utf8.IsValid(plain) || plain.Contains((byte)0))
        {
            return new(body.Length, encoding, null, false, "binary");
        }

        var part = plain.AsSpan(0, WholeCharacters(plain, MaxBytes + Lookahead));
        var text = Redact(Encoding.UTF8.GetString(part), contentType, redactor);
        var shown = Encoding.UTF8.GetBytes(text);
        var length = WholeCharacters(shown, MaxBytes);
        return new(body.Length, encoding, Encoding.UTF8.GetString(shown, 0, length), length < shown.Length || part.Length < plain.Length, null);
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

    private static int WholeCharacters(ReadOnlySpan<byte> utf8, int max)
    {
        if (utf8.Length <= max)
        {
            return utf8.Length;
        }

        // Not between a character's first byte and the others, which begin with the bits 10.
        var length = max;
        while (length > 0 && (utf8[length] & 0xC0) == 0x80)
        {
            length--;
        }

        return length;
    }
}
