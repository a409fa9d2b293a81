using System.Text;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>A configured sender, ready to verify requests.</summary>
public sealed record Source(
    string Name,
    SignatureScheme Scheme,
    IReadOnlyList<SigningKey> Keys,
    FieldLocator DeliveryId,
    FieldLocator EventType,
    TimeSpan? Tolerance,
    int MaxBodyBytes,
    SourceReplies Replies)
{
    /// <summary>What its bodies are.</summary>
    public SourcePayload Payload { get; init; }

    /// <summary>The request headers that are stored with an event: what identifies it, never what authenticates it.</summary>
    public IReadOnlyList<string> StoredHeaders { get; } =
    [
        .. new[] { "User-Agent", Scheme.IdHeader, Scheme.TimestampHeader }.OfType<string>()
            .Concat(DeliveryId.Headers).Concat(EventType.Headers).Distinct(StringComparer.OrdinalIgnoreCase),
    ];
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
