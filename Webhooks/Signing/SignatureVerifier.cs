using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Webhooks.Payloads;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Signing;

/// <summary>The result of a verification.</summary>
public enum VerificationResult
{
    /// <summary>
    /// At least one signature matches at least one active key, or the scheme is <see cref="SignatureScheme.None"/>.
    /// </summary>
    Valid,

    /// <summary>A required header or member of the body is absent, empty or repeated.</summary>
    MissingHeader,

    /// <summary>The timestamp is absent, or its header is empty or repeated.</summary>
    MissingTimestamp,

    /// <summary>The signature is valid. The delivery's id, which it does not cover, is absent, empty or repeated.</summary>
    MissingId,

    /// <summary>The timestamp does not have the form of the scheme, such as a whole number of seconds, or occurs twice.</summary>
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
public static partial class SignatureVerifier
{
    // Enough for any year that a sender's clock can show, and too few for a sum of seconds to overflow.
    private const int MaxSecondsLength = 12;
    private const int MaxMillisecondsLength = MaxSecondsLength + 3;

    // Each entry hashes the whole content again, and its arithmetic is slow: a header full of them would cost a hundred times
    // as much as an HMAC.
    private const int MaxPublicKeyEntries = 4;

    // As many as SignatureEntries reads of a list.
    private const int MaxNumber = 16;

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
        using var document = scheme.ReadsBody ? PayloadParser.TryParse(BodyFormats.Json, request.Body.ToArray()) : null;
        var json = document?.RootElement;
        var signatures = SignaturesOf(scheme, request, json);
        var hasId = TryGet(headers, scheme.IdHeader, scheme.IdAt, json, out var id);
        var isMissing = signatures is null || (!hasId && scheme.Content.Has(SignedField.Id));
        if (isMissing && !scheme.ChecksTimeFirst)
        {
            return new(VerificationResult.MissingHeader, scheme);
        }

        if (!TryGet(headers, scheme.TimestampHeader, scheme.TimestampAt, json, out var timestamp))
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

        var limit = tolerance ?? scheme.Tolerance;
        if (timestamp is not null && Check(timestamp, scheme.TimestampFormat, now, limit) is { } refusal)
        {
            return new(hasId ? refusal : VerificationResult.MissingHeader, scheme, timestamp);
        }

        if (isMissing)
        {
            return new(VerificationResult.MissingHeader, scheme);
        }

        var result = Match(scheme, keys, request, signatures!, id, timestamp, json, now, limit);
        return new(hasId ? result : WithoutId(result), scheme, timestamp);
    }

    // Who has signed must not look for the fault in the secret. Who has not is told what anybody can see.
    private static VerificationResult WithoutId(VerificationResult result) =>
        result == VerificationResult.Valid ? VerificationResult.MissingId : VerificationResult.MissingHeader;

    /// <summary>
    /// Returns why a text is no identity for a scheme: that of a JSON Web Token names its issuer and audience. Null when it is
    /// one.
    /// </summary>
    public static string? ErrorOf(SignatureScheme scheme, string identity)
    {
        if (scheme.Versions.All(version => version.Algorithm != SignatureAlgorithm.Jwt))
        {
            return null;
        }

        try
        {
            SignedToken.ClaimsOf(identity, SignedToken.RequiredClaims(scheme));
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    private static SignatureScheme Applied(SignatureScheme scheme, IHeaderDictionary headers)
    {
        if (scheme.Variants.Count == 0 || headers.ContainsKey(scheme.SignatureHeader))
        {
            return scheme;
        }

        return scheme.Variants.FirstOrDefault(variant => headers.ContainsKey(variant.SignatureHeader)) ?? scheme;
    }

    private static string? SignaturesOf(SignatureScheme scheme, RequestToVerify request, JsonElement? json)
    {
        var headers = request.Headers;
        if (scheme.IsNumbered)
        {
            var name = scheme.SignatureHeader[..^SignatureScheme.Number.Length];
            var found = Enumerable.Range(1, MaxNumber).Select(number => $"{name}{number}")
                .TakeWhile(headers.ContainsKey).Select(header => headers[header].ToString());
            return string.Join(scheme.Separator ?? ',', found) is { Length: > 0 } list ? list : null;
        }

        if (scheme.SignatureHeader.Length > 0 && headers.TryGetValue(scheme.SignatureHeader, out var values))
        {
            return values is [{ Length: > 0 } only] ? only : null;
        }

        return scheme.SignatureAt?.Find(headers, json, url: request.Url);
    }

    private static VerificationResult? Check(string timestamp, TimestampFormat format, DateTimeOffset now, TimeSpan tolerance)
    {
        if (Seconds(timestamp, format) is not { } seconds)
        {
            return VerificationResult.InvalidTimestamp;
        }

        // Whole seconds are compared with whole seconds.
        var ours = format == TimestampFormat.UnixSeconds ? now.ToUnixTimeSeconds() : now.ToUnixTimeMilliseconds() / 1000.0;
        return Math.Abs(ours - seconds) > tolerance.TotalSeconds ? VerificationResult.StaleTimestamp : null;
    }

    private static double? Seconds(string timestamp, TimestampFormat format)
    {
        if (format == TimestampFormat.Iso8601)
        {
            return Iso8601Rule().Match(timestamp) is { Success: true } match
                && DateTimeOffset.TryParse(
                    match.Groups["time"].Value + match.Groups["offset"].Value, CultureInfo.InvariantCulture, out var time)
                ? time.ToUnixTimeMilliseconds() / 1000.0
                : null;
        }

        // long.TryParse accepts trailing NUL characters.
        var most = format == TimestampFormat.UnixSeconds ? MaxSecondsLength : MaxMillisecondsLength;
        if (timestamp.Length is 0 || timestamp.Length > most || timestamp.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return null;
        }

        double number = long.Parse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture);
        return format == TimestampFormat.UnixSeconds ? number : number / 1000;
    }

    // The time alone is compared: of a fraction, which can have nine digits, seven are read.
    [GeneratedRegex(
        @"\A(?<time>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?)\d{0,5}(?<offset>Z|[+-]\d{2}:\d{2})\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Iso8601Rule();

    private static VerificationResult Match(
        SignatureScheme scheme, IReadOnlyList<SigningKey> keys, RequestToVerify request, string signatures,
        string? id, string? timestamp, JsonElement? json, DateTimeOffset now, TimeSpan tolerance)
    {
        if (scheme.Versions is [{ Algorithm: SignatureAlgorithm.Jwt, Prefix: var prefix }])
        {
            return signatures.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                ? SignedToken.Verify(signatures[prefix.Length..], scheme, keys, request.Body, now, tolerance)
                : VerificationResult.WrongSignature;
        }

        var form = scheme.Content.Has(SignedField.Form)
            ? SignedForm.Of(request.Headers.ContentType, request.Body, request.Url)
            : "";
        if (form is null || !scheme.Content.IsUnambiguous(json))
        {
            return VerificationResult.WrongSignature;
        }

        // A scheme whose keys are public has an identity as well, which is part of what is verified.
        string?[] identities = scheme.Keys is null
            ? [null]
            : [.. keys.Where(key => key.Kind == KeyKind.Identity).Select(key => Encoding.UTF8.GetString(key.Bytes))];
        foreach (var identity in identities)
        {
            if (scheme.IdentityAt is { } place && place.Find(request.Headers, json) != identity)
            {
                continue;
            }

            var values = new SignedValues
            {
                Id = id, Timestamp = timestamp, Url = request.Url, Form = form, Body = request.Body, Method = request.Method,
                Identity = identity, Json = json,
            };
            if (AnyUrlMatches(scheme, keys, signatures, values, now))
            {
                return VerificationResult.Valid;
            }
        }

        return VerificationResult.WrongSignature;
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
            values with { Url = other },
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
        var isPublicKeys = version.Algorithm is SignatureAlgorithm.EcdsaP256 or SignatureAlgorithm.RsaSha256
            or SignatureAlgorithm.RsaSha1;
        Span<byte> claimed = stackalloc byte[isPublicKeys ? Signatures.MaxPublicKeySize : Signatures.MaxSize];
        Span<byte> expected = stackalloc byte[Signatures.MaxSize];
        var expectedLength = 0;
        var checkedEntries = 0;
        var entries = new SignatureEntries(signatures, separator);
        while (entries.TryNext(out var entry))
        {
            if (!entry.StartsWith(version.Prefix, StringComparison.Ordinal))
            {
                continue;
            }

            var text = entry[version.Prefix.Length..];
            if (version.Algorithm == SignatureAlgorithm.Token)
            {
                if (Signatures.IsToken(key, text))
                {
                    return true;
                }

                continue;
            }

            if (!SignatureEntries.TryDecode(text, version.Encoding, claimed, out var length))
            {
                continue;
            }

            if (isPublicKeys || version.Algorithm == SignatureAlgorithm.Ed25519)
            {
                var matches = isPublicKeys
                    ? Signatures.IsPublicKeys(version.Algorithm, key, content, claimed[..length])
                    : Signatures.IsEd25519(key, content, claimed[..length]);
                if (matches)
                {
                    return true;
                }

                if ((isPublicKeys || length == Signatures.MaxSize) && ++checkedEntries == MaxPublicKeyEntries)
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

    private static bool TryGet(
        IHeaderDictionary headers, string? name, FieldLocator? place, JsonElement? json, out string? value)
    {
        value = null;
        if (name is not null)
        {
            value = headers.TryGetValue(name, out var values) && values is [{ Length: > 0 } only] ? only : null;
            return value is not null;
        }

        if (place is null)
        {
            return true;
        }

        value = place.Find(headers, json);
        return value is not null;
    }
}

/// <summary>The parts of a request that verification reads.</summary>
/// <param name="headers">The headers as received.</param>
/// <param name="body">The raw bytes as received, before any decoding.</param>
/// <param name="url">The URL that the sender called, with its query. Required by schemes that sign or read it.</param>
/// <param name="method">The HTTP method, for schemes that sign it.</param>
public readonly ref struct RequestToVerify(
    IHeaderDictionary headers, ReadOnlySpan<byte> body, string url, string method = "POST")
{
    public IHeaderDictionary Headers { get; } = headers;

    public ReadOnlySpan<byte> Body { get; } = body;

    public string Url { get; } = url;

    public string Method { get; } = method;
}
