using System.Text;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http.Extensions;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>A configured sender, ready to verify requests.</summary>
/// <param name="Keys">The secrets; none only where the scheme is <see cref="SignatureScheme.None"/>.</param>
/// <param name="SecretKeys">The configuration keys that they come from.</param>
public sealed record Source(
    string Name,
    SignatureScheme Scheme,
    IReadOnlyList<SigningKey> Keys,
    IReadOnlyList<string> SecretKeys,
    string? Url,
    FieldLocator DeliveryId,
    FieldLocator EventType,
    TimeSpan? Tolerance,
    int MaxBodyBytes,
    SourceReplies Replies)
{
    /// <summary>The request headers that are stored with an event: what identifies it, never what authenticates it.</summary>
    public IReadOnlyList<string> StoredHeaders { get; } =
    [
        .. new[] { "User-Agent" }
            .Concat(Scheme.Variants.Append(Scheme).SelectMany(scheme => new[] { scheme.IdHeader, scheme.TimestampHeader }).OfType<string>())
            .Concat(Scheme.Variants.SelectMany(variant => variant.DeliveryId.Headers))
            .Concat(DeliveryId.Headers).Concat(EventType.Headers).Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>Where the delivery's id is in a request that was verified: the source's own place, or that of the variant that was applied.</summary>
    public FieldLocator DeliveryIdOf(Verification verification) =>
        ReferenceEquals(DeliveryId, Scheme.DeliveryId) ? verification.Scheme.DeliveryId : DeliveryId;

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

/// <summary>A source's answers, with bodies as bytes.</summary>
public sealed record SourceReplies(
    (int Status, byte[] Body) Accepted, (int Status, byte[] Body) Duplicate, int MissingHeader, int BadTimestamp)
{
    public static SourceReplies From(ReplyOptions options) => new(
        (options.Accepted.Status, Encoding.UTF8.GetBytes(options.Accepted.Body)),
        (options.Duplicate.Status, Encoding.UTF8.GetBytes(options.Duplicate.Body)),
        options.MissingHeader,
        options.BadTimestamp);
}
