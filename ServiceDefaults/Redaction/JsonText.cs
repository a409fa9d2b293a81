using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Redacts JSON string by string, so that it stays JSON, a credential's field hides no other, and escapes hide no
/// credential. JSON may be cut off at its end.</summary>
internal static class JsonText
{
    // Deeper documents are redacted like any text.
    private const int MaxDepth = 512;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Returns the text without credentials, the same instance where it has none; null when it is no JSON.</summary>
    /// <param name="clean">Whether there are none in the text as it is written.</param>
    public static string? Redact(string text, bool clean, Redactor redactor)
    {
        if (!MayBe(text))
        {
            return null;
        }

        var rented = ArrayPool<byte>.Shared.Rent(Utf8.GetMaxByteCount(text.Length));
        try
        {
            ReadOnlySpan<byte> utf8 = rented.AsSpan(0, Utf8.GetBytes(text, rented));
            var reader = new Utf8JsonReader(
                utf8, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = MaxDepth }));
            var redacted = new JsonRedaction(utf8, reader, clean, redactor).Run();
            return redacted is null ? text : Utf8.GetString(redacted.WrittenSpan);
        }
        catch (Exception exception) when (exception is JsonException or EncoderFallbackException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Whether it looks like JSON. A line that begins with [time] or {placeholder} does not, which an exception would
    /// tell at the price of some µs.</summary>
    public static bool MayBe(ReadOnlySpan<char> text)
    {
        var trimmed = text.Trim(" \t\r\n");
        return trimmed switch
        {
            ['"', .., '"'] or ['[', .., ']'] => true,
            ['{' or '[', .. var rest] => rest.TrimStart(" \t\r\n") is ['{' or '[' or '"' or '}', ..],
            _ => false,
        };
    }
}
