using Aspire.Webhooks.Payloads;

namespace Aspire.Webhooks.Signing;

/// <summary>
/// How a provider signs a request, as data: which headers carry what, which bytes are signed, and how the
/// signature is written. <see cref="SignatureVerifier"/> and <see cref="MessageSigner"/> read it; neither knows a provider.
/// </summary>
public sealed record SignatureScheme
{
    /// <summary>
    /// No signature: every request is taken for genuine. For Development; nothing but this object has
    /// <see cref="IsUnsigned"/>, so that no missing value can amount to it.
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

    /// <summary>Whether requests carry no signature: true of <see cref="None"/> alone.</summary>
    public bool IsUnsigned { get; private init; }

    /// <summary>The header that carries the signature or the list of signatures.</summary>
    public required string SignatureHeader { get; init; }

    /// <summary>What separates the entries of <see cref="SignatureHeader"/>; null when it holds one entry.</summary>
    public char? Separator { get; init; }

    /// <summary>The signatures that count. Entries with any other prefix are passed over.</summary>
    public required IReadOnlyList<SignatureVersion> Versions { get; init; }

    /// <summary>The header with the sender's time in Unix seconds; null when the scheme has none.</summary>
    public string? TimestampHeader { get; init; }

    /// <summary>
    /// What the entry of <see cref="SignatureHeader"/> with the sender's time begins with, such as <c>t=</c>; null when
    /// there is none.
    /// </summary>
    public string? TimestampPrefix { get; init; }

    /// <summary>The header with the delivery's id; it must be there, whether or not it is part of what is signed.</summary>
    public string? IdHeader { get; init; }

    /// <summary>The headers that a request must have.</summary>
    public IEnumerable<string> Headers => new[] { SignatureHeader, TimestampHeader, IdHeader }.OfType<string>();

    /// <summary>The bytes that are signed.</summary>
    public required SignedContent Content { get; init; }

    /// <summary>
    /// How far the sender's time may be from ours, both ways, where the scheme has a timestamp. Default 5 minutes.
    /// </summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether the URL is tried with and without its port as well, for senders that are inconsistent about it.</summary>
    public bool TriesPorts { get; init; }

    /// <summary>
    /// The same scheme under other header names. The first one whose signature header is there applies, as a whole, to a
    /// request without this scheme's own.
    /// </summary>
    public IReadOnlyList<SignatureScheme> Variants { get; init; } = [];

    /// <summary>How the configured secret becomes a key.</summary>
    public KeyEncoding KeyEncoding { get; init; } = KeyEncoding.Utf8;

    /// <summary>The bodies that the provider sends.</summary>
    public BodyFormats BodyFormats { get; init; } = BodyFormats.Json;

    /// <summary>How the provider tries out a URL.</summary>
    public Handshake Handshake { get; init; }

    /// <summary>Where the provider puts its id of the delivery, unless the source says otherwise.</summary>
    public required FieldLocator DeliveryId { get; init; }

    /// <summary>Where the provider puts the event's type, unless the source says otherwise.</summary>
    public required FieldLocator EventType { get; init; }
}

/// <summary>One kind of signature within a scheme.</summary>
/// <param name="Prefix">What the entry begins with, such as <c>sha256=</c> or <c>v1,</c>; may be empty.</param>
/// <param name="Algorithm">What is computed over the signed content.</param>
/// <param name="Encoding">How the result is written.</param>
public sealed record SignatureVersion(string Prefix, SignatureAlgorithm Algorithm, SignatureEncoding Encoding);

/// <summary>What is computed over the signed content.</summary>
public enum SignatureAlgorithm
{
    HmacSha256,
    HmacSha1,
    HmacSha512,
    Ed25519,
}

/// <summary>How a signature is written in its header.</summary>
public enum SignatureEncoding
{
    /// <summary>Hexadecimal, either case.</summary>
    Hex,

    /// <summary>Base64 with padding (RFC 4648, section 4).</summary>
    Base64,
}

/// <summary>Requests by which a provider tries out a URL; they are answered, not stored.</summary>
public enum Handshake
{
    None,

    /// <summary>GitHub's <c>ping</c> event.</summary>
    GitHubPing,

    /// <summary>Slack's <c>url_verification</c>: the body's <c>challenge</c> is sent back.</summary>
    SlackUrlVerification,

    /// <summary>Discord's PING: interactions want <c>{"type":1}</c>, webhook events want 204.</summary>
    DiscordPing,

    /// <summary>Meta's GET with <c>hub.verify_token</c> and <c>hub.challenge</c>.</summary>
    MetaSubscription,
}
