using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>The spellings in which a secret can turn up in text.</summary>
internal static class SecretForms
{
    /// <summary>Shorter values are words of ordinary text: redacting them would shred it.</summary>
    public const int MinimumLength = 8;

    private static readonly string[] StandardWebhooksPrefixes = ["whsec_", "whsk_", "v1,whsec_", "v1a,whsk_"];

    public static IEnumerable<string> Of(string secret)
    {
        if (secret.Length < MinimumLength)
        {
            return [];
        }

        var forms = Encodings(secret);
        // What signs is the part after the prefix, and its bytes.
        var prefix = Array.Find(StandardWebhooksPrefixes, prefix => secret.StartsWith(prefix, StringComparison.Ordinal));
        if (prefix is not null && secret.Length >= prefix.Length + MinimumLength)
        {
            var key = secret[prefix.Length..];
            forms = forms.Concat(Encodings(key));
            var padded = key.PadRight((key.Length + 3) / 4 * 4, '=');
            var bytes = new byte[padded.Length];
            if (Convert.TryFromBase64String(padded, bytes, out var length))
            {
                forms = forms.Concat(Hex(bytes.AsSpan(0, length)));
            }
        }

        return forms.Where(form => form.Length >= MinimumLength).Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Encodings(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        var percent = Uri.EscapeDataString(secret);
        var form = WebUtility.UrlEncode(secret);
        return
        [
            secret,
            .. Json(secret),
            // JSON within a JSON string, and an address within an address.
            .. Json(secret).SelectMany(Json),
            percent, LowerEscapes(percent, "%", 2), form, LowerEscapes(form, "%", 2), Uri.EscapeDataString(percent),
            WebUtility.HtmlEncode(secret),
            .. Hex(bytes),
            .. Base64(bytes),
        ];
    }

    // As .NET escapes by default and when relaxed, as Go and Python do, and as PHP does.
    private static string[] Json(string secret)
    {
        var full = JsonEncodedText.Encode(secret).ToString();
        var least = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret);
        return [full, LowerEscapes(full, "\\u", 4), least, least.Replace("/", "\\/", StringComparison.Ordinal)];
    }

    // Whole, as BitConverter prints bytes, and as OpenSSL does.
    private static string[] Hex(ReadOnlySpan<byte> bytes)
    {
        var pairs = BitConverter.ToString(bytes.ToArray());
        return
        [
            Convert.ToHexString(bytes), Convert.ToHexStringLower(bytes),
            pairs, pairs.Replace('-', ':'), pairs.Replace('-', ':').ToLowerInvariant(),
        ];
    }

    private static IEnumerable<string> Base64(byte[] bytes)
    {
        yield return Convert.ToBase64String(bytes);
        yield return Base64Url.EncodeToString(bytes);
        // Inside a longer encoded text (Basic's user:password) the secret starts at any of three offsets. The characters that
        // it shares with its neighbours differ from text to text; those in between do not.
        for (var offset = 0; offset < 3; offset++)
        {
            var encoded = Convert.ToBase64String([.. new byte[offset], .. bytes]);
            var first = offset == 0 ? 0 : offset + 1;
            var last = (offset + bytes.Length) * 8 / 6;
            if (last <= first)
            {
                continue;
            }

            var own = encoded[first..last];
            yield return own;
            yield return own.Replace('+', '-').Replace('/', '_');
        }
    }

    private static string LowerEscapes(string text, string mark, int digits)
    {
        var lower = new StringBuilder(text);
        for (var at = text.IndexOf(mark, StringComparison.Ordinal); at >= 0;
            at = text.IndexOf(mark, at + 1, StringComparison.Ordinal))
        {
            for (var digit = at + mark.Length; digit < Math.Min(at + mark.Length + digits, text.Length); digit++)
            {
                lower[digit] = char.ToLowerInvariant(text[digit]);
            }
        }

        return lower.ToString();
    }
}
