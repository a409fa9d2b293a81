using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http.Extensions;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>A configured sender, ready to verify requests. What is null is left to the scheme.</summary>
/// <param name="Keys">The secrets; none only where the scheme is <see cref="SignatureScheme.None"/>.</param>
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
    RateLimitOptions? RateLimit,
    string? Path,
    bool ContinueTrace,
    Secret? VerifyToken,
    SourcePayload Payload,
    SourceReplies Replies)
{
    /// <summary>The name of the scheme in the configuration.</summary>
    public required string SchemeName { get; init; }

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

    /// <summary>The URL that the sender called, as far as it knows; empty where the scheme does not sign it.</summary>
    public string UrlOf(HttpRequest request)
    {
        if (!Scheme.Content.Has(SignedField.Url))
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
