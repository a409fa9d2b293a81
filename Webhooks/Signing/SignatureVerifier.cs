using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Signing;

/// <summary>The result of a verification.</summary>
public enum VerificationResult
{
    /// <summary>
    /// At least one signature matches at least one active key, or the scheme is <see cref="SignatureScheme.None"/>.
    /// </summary>
    Valid,

    /// <summary>A required header is absent, empty or repeated.</summary>
    MissingHeader,

    /// <summary>The timestamp is absent, or its header is empty or repeated.</summary>
    MissingTimestamp,

    /// <summary>The signature is valid. The delivery's id, which it does not cover, is absent, empty or repeated.</summary>
    MissingId,

    /// <summary>The timestamp is not a whole number of seconds, or occurs twice.</summary>
    InvalidTimestamp,

    /// <summary>The timestamp differs from the current time by more than the tolerance.</summary>
    StaleTimestamp,

    /// <summary>No signature matches any active key, or the signed content does not protect the body.</summary>
    WrongSignature,
}

/// <summary>The result of a verification and what it read from the request.</summary>
/// <param name="Result">The result.</param>
/// <param name="Scheme">The scheme that was applied: the given one, or the variant whose headers the request has.</param>
/// <param name="Timestamp">The sender's timestamp as sent; null when the scheme has none or the request lacks it.</param>
public readonly record struct Verification(VerificationResult Result, SignatureScheme Scheme, string? Timestamp = null);

/// <summary>Verifies requests. It is a pure function of scheme, keys, headers, body and time.</summary>
public static class SignatureVerifier
{
    // Enough for any year that a sender's clock can show, and too few for a sum of seconds to overflow.
    private const int MaxTimestampLength = 12;

    // Each entry hashes the whole content again, in managed code: a header full of them would cost a hundred times as much as
    // an HMAC.
    private const int MaxEd25519Entries = 4;

    /// <summary>
    /// Verifies the signatures in the headers against the raw body. Every active key is tried with every entry of its
    /// algorithm. Malformed entries are skipped, so that they never hide a valid one.
    /// </summary>
    /// <param name="tolerance">The largest difference between the timestamp and <paramref name="now"/>; null uses the scheme's
    /// tolerance.</param>
    public static Verification Verify(
        SignatureScheme scheme,
        IReadOnlyList<SigningKey> keys,
        RequestToVerify request,
        DateTimeOffset now,
        TimeSpan? tolerance = null)
    {
        if (scheme.IsUnsigned)
        {
            return new(VerificationResult.Valid, scheme);
        }

        var headers = request.Headers;
        scheme = Applied(scheme, headers);
        var isSigned = TryGet(headers, scheme.SignatureHeader, out var signatures);
        var hasId = TryGet(headers, scheme.IdHeader, out var id);
        var isMissing = !isSigned || (!hasId && scheme.Content.Has(SignedField.Id));
        if (isMissing && !scheme.ChecksTimeFirst)
        {
            return new(VerificationResult.MissingHeader, scheme);
        }

        if (!TryGet(headers, scheme.TimestampHeader, out var timestamp))
        {
            return new(VerificationResult.MissingTimestamp, scheme);
        }

        if (scheme.TimestampPrefix is not null)
        {
            var found = SignatureEntries.Find(signatures, scheme.Separator, scheme.TimestampPrefix, out timestamp);
            if (found != 1)
            {
                return new(found == 0 ? VerificationResult.MissingTimestamp : VerificationResult.InvalidTimestamp, scheme);
            }
        }

        if (timestamp is not null && Check(timestamp, now, tolerance ?? scheme.Tolerance) is { } refusal)
        {
            return new(hasId ? refusal : VerificationResult.MissingHeader, scheme, timestamp);
        }

        if (isMissing)
        {
            return new(VerificationResult.MissingHeader, scheme);
        }

        var form = scheme.Content.Has(SignedField.Form) ? SignedForm.Of(headers.ContentType, request.Body, request.Url) : "";
        var values = new SignedValues { Id = id, Timestamp = timestamp, Url = request.Url, Form = form, Body = request.Body };
        var matches = form is not null && AnyUrlMatches(scheme, keys, signatures!, values, now);
        return new(Result(matches, hasId), scheme, timestamp);
    }

    // Who has signed must not look for the fault in the secret. Who has not is told what anybody can see.
    private static VerificationResult Result(bool matches, bool hasId) => (matches, hasId) switch
    {
        (true, true) => VerificationResult.Valid,
        (true, false) => VerificationResult.MissingId,
        (false, true) => VerificationResult.WrongSignature,
        (false, false) => VerificationResult.MissingHeader,
    };

    private static SignatureScheme Applied(SignatureScheme scheme, IHeaderDictionary headers)
    {
        if (scheme.Variants.Count == 0 || headers.ContainsKey(scheme.SignatureHeader))
        {
            return scheme;
        }

        return scheme.Variants.FirstOrDefault(variant => headers.ContainsKey(variant.SignatureHeader)) ?? scheme;
    }

    private static VerificationResult? Check(string timestamp, DateTimeOffset now, TimeSpan tolerance)
    {
        // long.TryParse accepts trailing NUL characters.
        if (timestamp.Length is 0 or > MaxTimestampLength || timestamp.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return VerificationResult.InvalidTimestamp;
        }

        var seconds = long.Parse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture);
        return Math.Abs((double)now.ToUnixTimeSeconds() - seconds) > tolerance.TotalSeconds
            ? VerificationResult.StaleTimestamp
            : null;
    }

    private static bool AnyUrlMatches(
        SignatureScheme scheme, IReadOnlyList<SigningKey> keys, string signatures, SignedValues values, DateTimeOffset now)
    {
        if (Matches(scheme, keys, signatures, values, now))
        {
            return true;
        }

        return scheme.TriesPorts && UrlPorts.Other(values.Url!) is { } other && Matches(
            scheme,
            keys,
            signatures,
            new() { Id = values.Id, Timestamp = values.Timestamp, Url = other, Form = values.Form, Body = values.Body },
            now);
    }

    private static bool Matches(
        SignatureScheme scheme, IReadOnlyList<SigningKey> keys, string signatures, SignedValues values, DateTimeOffset now)
    {
        if (scheme.Content.IsBodyAlone)
        {
            return AnyKeyMatches(scheme, keys, signatures, values.Body, now);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(scheme.Content.MaxLength(values));
        try
        {
            return AnyKeyMatches(scheme, keys, signatures, buffer.AsSpan(0, scheme.Content.Write(buffer, values)), now);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool AnyKeyMatches(
        SignatureScheme scheme, IReadOnlyList<SigningKey> keys, string signatures, ReadOnlySpan<byte> content, DateTimeOffset now)
    {
        foreach (var version in scheme.Versions)
        {
            foreach (var key in keys)
            {
                if (key.Fits(version.Algorithm) && key.IsActive(now)
                    && AnyEntryMatches(version, key, signatures, scheme.Separator, content))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool AnyEntryMatches(
        SignatureVersion version, SigningKey key, string signatures, char? separator, ReadOnlySpan<byte> content)
    {
        Span<byte> claimed = stackalloc byte[Signatures.MaxSize];
        Span<byte> expected = stackalloc byte[Signatures.MaxSize];
        var expectedLength = 0;
        var checkedEntries = 0;
        var entries = new SignatureEntries(signatures, separator);
        while (entries.TryNext(out var entry))
        {
            if (!entry.StartsWith(version.Prefix, StringComparison.Ordinal)
                || !SignatureEntries.TryDecode(entry[version.Prefix.Length..], version.Encoding, claimed, out var length))
            {
                continue;
            }

            if (version.Algorithm == SignatureAlgorithm.Ed25519)
            {
                if (Signatures.IsEd25519(key, content, claimed[..length]))
                {
                    return true;
                }

                if (length == Signatures.MaxSize && ++checkedEntries == MaxEd25519Entries)
                {
                    return false;
                }

                continue;
            }

            // Computed once for all entries.
            expectedLength = expectedLength > 0 ? expectedLength : Signatures.Hmac(version.Algorithm, key, content, expected);
            if (CryptographicOperations.FixedTimeEquals(expected[..expectedLength], claimed[..length]))
            {
                return true;
            }
        }

        return false;
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

/// <summary>The parts of a request that verification reads.</summary>
/// <param name="headers">The headers as received.</param>
/// <param name="body">The raw bytes as received, before any decoding.</param>
/// <param name="url">The URL that the sender called, with its query. Required by schemes that sign it.</param>
public readonly ref struct RequestToVerify(IHeaderDictionary headers, ReadOnlySpan<byte> body, string url)
{
    public IHeaderDictionary Headers { get; } = headers;

    public ReadOnlySpan<byte> Body { get; } = body;

    public string Url { get; } = url;
}
