using System.Buffers;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.WebUtilities;

namespace Aspire.Webhooks.Signing;

/// <summary>
/// The field <c>{form}</c>, after Twilio's "Validating requests": each form key and its values, sorted, with nothing in
/// between, and nothing of the body left out. A URL whose query carries <c>bodySHA256</c> protects any body by that hash,
/// and nothing is added for the form.
/// </summary>
public static class SignedForm
{
    private const string HashParameter = "bodySHA256";
    private const int MaxFields = 1024;

    /// <summary>What stands for the body; null when nothing would protect it, or it is no form.</summary>
    public static string? Of(string? contentType, ReadOnlySpan<byte> body, string url)
    {
        if (HashesIn(url) is { Count: > 0 } hashes)
        {
            return hashes is [{ } only] && IsHashOf(only, body) ? "" : null;
        }

        return IsForm(contentType) ? Fields(body) : null;
    }

    /// <summary>The URL to send a body to: for one that is no form, with its hash in the query.</summary>
    public static string UrlFor(string url, string? contentType, ReadOnlySpan<byte> body) =>
        IsForm(contentType) || HashesIn(url).Count > 0
            ? url
            : QueryHelpers.AddQueryString(url, HashParameter, Convert.ToHexStringLower(SHA256.HashData(body)));

    /// <summary>Whether a body of this type is form fields.</summary>
    public static bool IsForm(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && string.Equals(type.MediaType, "application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    private static string? Fields(ReadOnlySpan<byte> body)
    {
        // Bytes that are no text would all decode to the same character.
        if (!Utf8.IsValid(body))
        {
            return null;
        }

        var fields = new HashSet<(string Key, string Value)>();
        foreach (var field in Encoding.UTF8.GetString(body).Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? field : field[..equals];
            if (fields.Add((Decode(key), equals < 0 ? "" : Decode(field[(equals + 1)..]))) && fields.Count > MaxFields)
            {
                return null;
            }
        }

        return string.Concat(fields
            .OrderBy(field => field.Key, StringComparer.Ordinal)
            .ThenBy(field => field.Value, StringComparer.Ordinal)
            .Select(field => field.Key + field.Value));
    }

    // Escapes that are no UTF-8 stay as they are, so that no two of them come out alike.
    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private static IReadOnlyList<string?> HashesIn(string url)
    {
        var query = url.IndexOf('?', StringComparison.Ordinal);
        return query >= 0 && QueryHelpers.ParseQuery(url[query..]).TryGetValue(HashParameter, out var values) ? [.. values] : [];
    }

    private static bool IsHashOf(string hex, ReadOnlySpan<byte> body)
    {
        Span<byte> claimed = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> actual = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, actual);
        return Convert.FromHexString(hex, claimed, out _, out var length) == OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(claimed[..length], actual);
    }
}
