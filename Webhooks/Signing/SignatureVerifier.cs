using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Signing;

/// <summary>What verifying a request found.</summary>
public enum VerificationResult
{
    /// <summary>At least one signature matches at least one key.</summary>
    Valid,

    /// <summary>A header that the scheme needs is absent, empty or sent twice.</summary>
    MissingHeader,

    /// <summary>The timestamp is no whole number of seconds.</summary>
    InvalidTimestamp,

    /// <summary>The timestamp is further from now than the tolerance.</summary>
    StaleTimestamp,

    /// <summary>No signature matches any key.</summary>
    WrongSignature,
}

/// <summary>What verifying a request found, and what else it learned on the way.</summary>
/// <param name="Result">The verdict.</param>
/// <param name="Scheme">The scheme that was applied: the given one, or that of its variants which the headers follow.</param>
/// <param name="Timestamp">The sender's timestamp as sent; null when the scheme has none or it is absent.</param>
public readonly record struct Verification(VerificationResult Result, SignatureScheme Scheme, string? Timestamp = null);

/// <summary>Verifies a request: a pure function of scheme, keys, headers, body and time.</summary>
public static class SignatureVerifier
{
    // More entries than any rotation needs; bounds what a hostile header can make us compute.
    private const int MaxEntries = 16;

    /// <summary>
    /// Checks the headers' signatures over the raw body. Every key is tried against every entry of its algorithm; an
    /// entry that cannot be read is passed over, so that it never hides a good one.
    /// </summary>
    /// <param name="tolerance">How far the timestamp may be from <paramref name="now"/>; null leaves it to the scheme.</param>
    public static Verification Verify(
        SignatureScheme scheme,
        IReadOnlyList<SigningKey> keys,
        RequestToVerify request,
        DateTimeOffset now,
        TimeSpan? tolerance = null)
    {
        var headers = request.Headers;
        if (!TryGet(headers, scheme.SignatureHeader, out var signatures)
            || !TryGet(headers, scheme.IdHeader, out var id)
            || !TryGet(headers, scheme.TimestampHeader, out var timestamp))
        {
            return new(VerificationResult.MissingHeader, scheme);
        }

        if (timestamp is not null)
        {
            if (!long.TryParse(timestamp, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            {
                return new(VerificationResult.InvalidTimestamp, scheme, timestamp);
            }

            var limit = (tolerance ?? scheme.Tolerance)?.TotalSeconds;
            if (Math.Abs((double)now.ToUnixTimeSeconds() - seconds) > limit)
            {
                return new(VerificationResult.StaleTimestamp, scheme, timestamp);
            }
        }

        var content = new ArrayBufferWriter<byte>(request.Body.Length + 128);
        scheme.Content.Write(content, id, timestamp, request.Body);
        var result = AnyMatches(scheme, keys, signatures!, content.WrittenSpan)
            ? VerificationResult.Valid
            : VerificationResult.WrongSignature;
        return new(result, scheme, timestamp);
    }

    private static bool AnyMatches(
        SignatureScheme scheme, IReadOnlyList<SigningKey> keys, ReadOnlySpan<char> header, ReadOnlySpan<byte> content)
    {
        Span<byte> signature = stackalloc byte[128];
        for (var count = 0; count < MaxEntries && !header.IsEmpty; count++)
        {
            var entry = NextEntry(ref header, scheme.Separator);
            foreach (var version in scheme.Versions)
            {
                if (!entry.StartsWith(version.Prefix, StringComparison.Ordinal)
                    || !TryDecode(entry[version.Prefix.Length..], version.Encoding, signature, out var length))
                {
                    continue;
                }

                foreach (var key in keys)
                {
                    if (key.Algorithm == version.Algorithm && Signatures.Matches(key, content, signature[..length]))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private static ReadOnlySpan<char> NextEntry(ref ReadOnlySpan<char> rest, char? separator)
    {
        var end = separator is { } character ? rest.IndexOf(character) : -1;
        var entry = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return entry.Trim();
    }

    private static bool TryDecode(ReadOnlySpan<char> text, SignatureEncoding encoding, Span<byte> bytes, out int length)
    {
        if (encoding == SignatureEncoding.Base64)
        {
            return Convert.TryFromBase64Chars(text, bytes, out length);
        }

        return Convert.FromHexString(text, bytes, out _, out length) == OperationStatus.Done;
    }

    private static bool TryGet(IHeaderDictionary headers, string? name, out string? value)
    {
        value = null;
        if (name is null)
        {
            return true;
        }

        if (headers.TryGetValue(name, out var values) && values is [{ Length: > 0 } only])
        {
            value = only;
            return true;
        }

        return false;
    }
}
