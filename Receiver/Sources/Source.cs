using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http.Extensions;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>A configured sender, ready to verify requests. What is null is left to the scheme.</summary>
public sealed record Source(
    string Name,
    SignatureScheme Scheme,
    IReadOnlyList<SigningKey> Keys,
    FieldLocator? DeliveryId,
    FieldLocator? EventType,
    TimeSpan? Tolerance,
    int MaxBodyBytes,
    int MaxInflatedBytes,
    RateLimitOptions? RateLimit,
    string? Path,
    Secret? VerifyToken,
    SourcePayload Payload,
    SourceReplies Replies)
{
    /// <summary>The request headers that are stored with an event: what identifies it, never what authenticates it.</summary>
    public IReadOnlyList<string> StoredHeaders { get; } =
    [
        .. Scheme.Variants.Prepend(Scheme)
            .SelectMany(scheme => (DeliveryId ?? scheme.DeliveryId).Headers
                .Concat((EventType ?? scheme.EventType).Headers)
                .Concat(new[] { scheme.IdHeader, scheme.TimestampHeader }.OfType<string>()))
            .Append("User-Agent")
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>The URL that the sender called.</summary>
    public string UrlOf(HttpRequest request) => request.GetEncodedUrl();
}
