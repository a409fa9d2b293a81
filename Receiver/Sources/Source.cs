using System.Text;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http.Extensions;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>A configured sender, ready to verify requests. What is null is left to the scheme.</summary>
/// <param name="Keys">
/// The secrets, or the identities where the scheme fetches keys; none only where it is <see cref="SignatureScheme.None"/>.
/// </param>
/// <param name="SecretKeys">The configuration keys that they come from.</param>
public sealed record Source(
    string Name,
    SignatureScheme Scheme,
    IReadOnlyList<SigningKey> Keys,
    IReadOnlyList<string> SecretKeys,
    string? Url,
    FieldLocator? DeliveryId,
    FieldLocator? EventType,
    TimeSpan? Tolerance,
    int MaxBodyBytes,
    int MaxInflatedBytes,
    TimeSpan DeduplicationWindow,
    RateLimitOptions? RateLimit,
    string? Path,
    bool ContinueTrace,
    Secret? VerifyToken,
    SourcePayload Payload,
    SourceReplies Replies)
{
    /// <summary>The configured name of the signature scheme.</summary>
    public required string SchemeName { get; init; }

    /// <summary>The request headers that are stored with an event. They identify it; none of them authenticates it.</summary>
    public IReadOnlyList<string> StoredHeaders { get; } =
    [
        .. Scheme.Variants.Prepend(Scheme)
            .SelectMany(scheme => (DeliveryId ?? scheme.DeliveryId).Headers
                .Concat((EventType ?? scheme.EventType).Headers)
                .Concat(new[] { scheme.IdHeader, scheme.TimestampHeader }.OfType<string>()))
            .Append("User-Agent")
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    private readonly byte[][] _fields =
    [
        .. (DeliveryId ?? Scheme.DeliveryId).Pointers.Concat((EventType ?? Scheme.EventType).Pointers)
            .Select(pointer => Encoding.UTF8.GetBytes($"\"{pointer.Tokens[^1]}\"")),
    ];

    // Asked for each request, and derived from all handshakes of the scheme.
    private readonly bool _readsUrl = Scheme.ReadsUrl;

    /// <summary>
    /// Counts the identifying fields whose names the body contains. The body is searched, not parsed, because its sender is
    /// unknown.
    /// </summary>
    public int FieldsNamedIn(ReadOnlySpan<byte> body)
    {
        var count = 0;
        foreach (var field in _fields)
        {
            count += body.IndexOf(field) >= 0 ? 1 : 0;
        }

        return count;
    }

    /// <summary>Returns the URL that the sender called, from its view; empty when the scheme does not read it.</summary>
    public string UrlOf(HttpRequest request)
    {
        if (!_readsUrl)
        {
            return "";
        }

        if (Url is null)
        {
            return request.GetEncodedUrl();
        }

        return Url.Contains('?', StringComparison.Ordinal) ? Url : Url + request.QueryString.Value;
    }
}
