using Aspire.Webhooks.Payloads;

namespace Aspire.Webhooks.Signing;

/// <summary>
/// Describes as data how a provider signs requests: the headers, the signed bytes and the encoding of the signature.
/// <see cref="SignatureVerifier"/> and <see cref="MessageSigner"/> interpret it and contain no code for a provider.
/// </summary>
public sealed record SignatureScheme
{
    /// <summary>
    /// Accepts every request without a signature. For Development only. No other scheme has <see cref="IsUnsigned"/>, so that a
    /// missing value can never turn verification off.
    /// </summary>
    public static SignatureScheme None { get; } = new()
    {
        IsUnsigned = true,
        SignatureHeader = "",
        Versions = [],
        Content = SignedContent.Parse("{body}"),
        DeliveryId = FieldLocator.Parse("header:X-Idempotency-Key | digest"),
        EventType = FieldLocator.Parse("header:X-Event-Type | body:/type | value:unknown"),
        BodyFormats = BodyFormats.Json | BodyFormats.Form,
    };

    /// <summary>Whether requests are accepted without a signature. True only for <see cref="None"/>.</summary>
    public bool IsUnsigned { get; private init; }

    /// <summary>The header that carries the signature or the list of signatures.</summary>
    public required string SignatureHeader { get; init; }

    /// <summary>
    /// The separator of the entries in <see cref="SignatureHeader"/>; null when the header holds a single entry.
    /// </summary>
    public char? Separator { get; init; }

    /// <summary>The kinds of signatures that are verified. Entries with any other prefix are ignored.</summary>
    public required IReadOnlyList<SignatureVersion> Versions { get; init; }

    /// <summary>The header with the sender's timestamp in Unix seconds; null when the scheme has none.</summary>
    public string? TimestampHeader { get; init; }

    /// <summary>
    /// The prefix of the entry in <see cref="SignatureHeader"/> that holds the timestamp, such as <c>t=</c>; null when there is
    /// none.
    /// </summary>
    public string? TimestampPrefix { get; init; }

    /// <summary>The header with the delivery's id. It is required, whether or not it is signed.</summary>
    public string? IdHeader { get; init; }

    /// <summary>The headers that every request must have.</summary>
    public IEnumerable<string> Headers => new[] { SignatureHeader, TimestampHeader, IdHeader }.OfType<string>();

    /// <summary>The template of the signed bytes.</summary>
    public required SignedContent Content { get; init; }

    /// <summary>
    /// The largest difference between the sender's timestamp and our clock, in either direction. The default is 5 minutes. It
    /// has no effect on schemes without a timestamp.
    /// </summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether the URL is also verified with and without its port, for senders that are inconsistent about it.
    /// </summary>
    public bool TriesPorts { get; init; }

    /// <summary>
    /// The same scheme under other header names. If a request lacks <see cref="SignatureHeader"/>, the first variant whose
    /// signature header is present applies as a whole.
    /// </summary>
    public IReadOnlyList<SignatureScheme> Variants { get; init; } = [];

    /// <summary>
    /// Whether a wrong timestamp is reported before a missing signature, as senders of the scheme expect. Both are refused.
    /// </summary>
    public bool ChecksTimeFirst { get; init; }

    /// <summary>
    /// The largest body in bytes that a source accepts by default: the cap that the provider documents, or 1 MiB.
    /// </summary>
    public int MaxBodyBytes { get; init; } = 1024 * 1024;

    /// <summary>The encoding of the configured secret.</summary>
    public KeyEncoding KeyEncoding { get; init; } = KeyEncoding.Utf8;

    /// <summary>The body formats that the provider sends.</summary>
    public BodyFormats BodyFormats { get; init; } = BodyFormats.Json;

    /// <summary>The provider's URL verification.</summary>
    public Handshake Handshake { get; init; }

    /// <summary>The default place of the provider's delivery id; a source can override it.</summary>
    public required FieldLocator DeliveryId { get; init; }

    /// <summary>The default place of the event type; a source can override it.</summary>
    public required FieldLocator EventType { get; init; }
}

/// <summary>One kind of signature within a scheme.</summary>
/// <param name="Prefix">The text before the signature, such as <c>sha256=</c> or <c>v1,</c>. May be empty.</param>
/// <param name="Algorithm">The algorithm that signs the content.</param>
/// <param name="Encoding">The text encoding of the signature.</param>
public sealed record SignatureVersion(string Prefix, SignatureAlgorithm Algorithm, SignatureEncoding Encoding);

/// <summary>The algorithms of signatures.</summary>
public enum SignatureAlgorithm
{
    HmacSha256,
    HmacSha1,
    HmacSha512,
    Ed25519,
}

/// <summary>The text encodings of signatures.</summary>
public enum SignatureEncoding
{
    /// <summary>Hexadecimal in upper or lower case.</summary>
    Hex,

    /// <summary>Base64 with padding (RFC 4648, section 4).</summary>
    Base64,
}

/// <summary>Providers' URL verification requests. They are answered and not stored.</summary>
public enum Handshake
{
    None,

    /// <summary>GitHub's <c>ping</c> event.</summary>
    GitHubPing,

    /// <summary>Slack's <c>url_verification</c>. The answer echoes the body's <c>challenge</c>.</summary>
    SlackUrlVerification,

    /// <summary>Discord's PING. The answer to an interaction is <c>{"type":1}</c>, to a webhook event 204.</summary>
    DiscordPing,

    /// <summary>Meta's GET with <c>hub.verify_token</c> and <c>hub.challenge</c>. The answer echoes the challenge.</summary>
    MetaSubscription,
}
