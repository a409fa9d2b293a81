using System.Buffers;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.WebUtilities;

namespace Aspire.Webhooks.Signing;

/// <summary>
/// The field <c>{form}</c>, as Twilio's "Validating requests" defines it: each form key and its values, sorted, without
/// separators. Every part of the body is included. If the query of the URL contains <c>bodySHA256</c>, that hash protects a
/// body of any type, and the form adds nothing.
/// </summary>
public static class SignedForm
{
    private const string HashParameter = "bodySHA256";
    private const int MaxFields = 1024;

    /// <summary>
    /// Returns the text that is signed for the body; null when nothing would protect the body or it is not a form.
    /// </summary>
    public static string? Of(string? contentType, ReadOnlySpan<byte> body, string url)
    {
        if (HashesIn(url) is { Count: > 0 } hashes)
        {
            return hashes is [{ } only] && IsHashOf(only, body) ? "" : null;
        }

        return IsForm(contentType) ? Fields(body) : null;
    }

    /// <summary>Returns the URL to send a body to. A body that is not a form adds its hash to the query.</summary>
    public static string UrlFor(string url, string? contentType, ReadOnlySpan<byte> body) =>
        IsForm(contentType) || HashesIn(url).Count > 0
            ? url
            : QueryHelpers.AddQueryString(url, HashParameter, Convert.ToHexStringLower(SHA256.HashData(body)));

    /// <summary>Whether the media type is that of a form.</summary>
    public static bool IsForm(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && string.Equals(type.MediaType, "application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    private static string? Fields(ReadOnlySpan<byte> body)
    {
        // Invalid bytes would all decode to the same character.
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

    // Escapes that are not UTF-8 remain escaped, so that no two of them decode to the same text.
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
