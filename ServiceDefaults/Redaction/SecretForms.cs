using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Aspire.Webhooks.Redaction;

/// <summary>The spellings in which a secret can turn up in text.</summary>
internal static class SecretForms
{
    /// <summary>Shorter values are words of ordinary text: redacting them would shred it.</summary>
    public const int MinimumLength = 8;

    private static readonly string[] StandardWebhooksPrefixes = ["whsec_", "whsk_"];

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
            var bytes = new byte[key.Length];
            if (Convert.TryFromBase64String(key, bytes, out var length))
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
            JsonEncodedText.Encode(secret).ToString(),
            JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret),
            percent, LowerEscapes(percent), form, LowerEscapes(form),
            .. Hex(bytes),
            .. Base64(bytes),
        ];
    }

    private static string[] Hex(ReadOnlySpan<byte> bytes) => [Convert.ToHexString(bytes), Convert.ToHexStringLower(bytes)];

    private static IEnumerable<string> Base64(byte[] bytes)
    {
        yield return Convert.ToBase64String(bytes);
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

    private static string LowerEscapes(string text)
    {
        var lower = new StringBuilder(text);
        for (var i = 0; i + 2 < lower.Length; i++)
        {
            if (lower[i] != '%')
            {
                continue;
            }

            lower[i + 1] = char.ToLowerInvariant(lower[i + 1]);
            lower[i + 2] = char.ToLowerInvariant(lower[i + 2]);
        }

        return lower.ToString();
    }
}
