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

    /// <summary>What stands for the number in the name of numbered headers.</summary>
    public const string Number = "{n}";

    /// <summary>Whether requests are accepted without a signature. True only for <see cref="None"/>.</summary>
    public bool IsUnsigned { get; private init; }

    /// <summary>
    /// The header that carries the signature or the list of signatures. With <c>{n}</c>, any of several numbered headers
    /// (<c>X-Signature-1</c>, <c>X-Signature-2</c>). Empty when the signature is at <see cref="SignatureAt"/> alone.
    /// </summary>
    public required string SignatureHeader { get; init; }

    /// <summary>
    /// The place of the signature in a request that lacks <see cref="SignatureHeader"/>, such as a member of the body; null when
    /// there is none.
    /// </summary>
    public FieldLocator? SignatureAt { get; init; }

    /// <summary>
    /// The separator of the entries in <see cref="SignatureHeader"/>; null when the header holds a single entry.
    /// </summary>
    public char? Separator { get; init; }

    /// <summary>The kinds of signatures that are verified. Entries with any other prefix are ignored.</summary>
    public required IReadOnlyList<SignatureVersion> Versions { get; init; }

    /// <summary>The header with the sender's timestamp; null when the scheme has none.</summary>
    public string? TimestampHeader { get; init; }

    /// <summary>
    /// The prefix of the entry in <see cref="SignatureHeader"/> that holds the timestamp, such as <c>t=</c>; null when there is
    /// none.
    /// </summary>
    public string? TimestampPrefix { get; init; }

    /// <summary>The place of the timestamp elsewhere, such as a member of the body; null when there is none.</summary>
    public FieldLocator? TimestampAt { get; init; }

    /// <summary>The form of the timestamp.</summary>
    public TimestampFormat TimestampFormat { get; init; }

    /// <summary>The header with the delivery's id. It is required, whether or not it is signed.</summary>
    public string? IdHeader { get; init; }

    /// <summary>The place of the id that is signed, when it is not a header; null when there is none.</summary>
    public FieldLocator? IdAt { get; init; }

    /// <summary>The headers that every request must have.</summary>
    public IEnumerable<string> Headers =>
        new[] { HasOwnHeader ? SignatureHeader : null, TimestampHeader, IdHeader }.OfType<string>();

    /// <summary>Whether the signature is always in the one header <see cref="SignatureHeader"/>.</summary>
    public bool HasOwnHeader => SignatureAt is null && !IsNumbered && SignatureHeader.Length > 0;

    /// <summary>Whether the signatures are in numbered headers.</summary>
    public bool IsNumbered => SignatureHeader.EndsWith(Number, StringComparison.Ordinal);

    /// <summary>The template of the signed bytes.</summary>
    public required SignedContent Content { get; init; }

    /// <summary>
    /// The largest difference between the sender's timestamp and our clock, in either direction. The default is 5 minutes. It
    /// has no effect on schemes without a timestamp. <see cref="TimeSpan.MaxValue"/> does not compare them.
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

    /// <summary>
    /// Where public keys are fetched when they are not configured. Null when the secret of the source verifies. With it the
    /// source has no secret but an identity: what the sender must be, because anybody can be signed for with such keys.
    /// </summary>
    public FetchedKeys? Keys { get; init; }

    /// <summary>
    /// The place of the value that must be the identity of the source, such as the topic of AWS SNS; null when the identity is
    /// part of the content or of a token.
    /// </summary>
    public FieldLocator? IdentityAt { get; init; }

    /// <summary>The claims that a JSON Web Token must have, each with the values that are accepted.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Claims { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>The claims that the identity of the source must name, because the token proves nothing without them.</summary>
    public IReadOnlyList<string> IdentityClaims { get; init; } = [];

    /// <summary>The claim of a JSON Web Token that holds the hex SHA-256 of the body; null when there is none.</summary>
    public string? BodyHashClaim { get; init; }

    /// <summary>
    /// Whether the signature protects the whole body. Otherwise the sender is known, and TLS alone protects what it says.
    /// </summary>
    public bool CoversBody => Content.CoversBody && Versions.All(version => version.Algorithm switch
    {
        SignatureAlgorithm.Token => false,
        SignatureAlgorithm.Jwt => BodyHashClaim is not null,
        _ => true,
    });

    /// <summary>Whether a request can be signed with the secret of a source.</summary>
    public bool CanSign => Keys is null && Versions.Any(version => version.Algorithm is not
        (SignatureAlgorithm.EcdsaP256 or SignatureAlgorithm.RsaSha256 or SignatureAlgorithm.RsaSha1 or SignatureAlgorithm.Jwt));

    /// <summary>Whether verification reads members of the body.</summary>
    public bool ReadsBody => Content.ReadsMembers || SignatureAt is { ReadsBody: true } || TimestampAt is { ReadsBody: true }
        || IdAt is { ReadsBody: true } || IdentityAt is { ReadsBody: true };

    /// <summary>Whether verification needs the URL that the sender called.</summary>
    public bool ReadsUrl => Content.Has(SignedField.Url) || SignatureAt is { ReadsQuery: true }
        || Handshakes.Any(handshake => handshake.ReadsQuery);

    /// <summary>The body formats that the provider sends.</summary>
    public BodyFormats BodyFormats { get; init; } = BodyFormats.Json;

    /// <summary>The provider's URL verification.</summary>
    public IReadOnlyList<Handshake> Handshakes { get; init; } = [];

    /// <summary>The default place of the provider's delivery id; a source can override it.</summary>
    public required FieldLocator DeliveryId { get; init; }

    /// <summary>The default place of the event type; a source can override it.</summary>
    public required FieldLocator EventType { get; init; }
}

/// <summary>One kind of signature within a scheme.</summary>
/// <param name="Prefix">The text before the signature, such as <c>sha256=</c> or <c>v1,</c>. May be empty.</param>
/// <param name="Algorithm">The algorithm that signs the content.</param>
/// <param name="Encoding">The text encoding of the signature.</param>
public sealed record SignatureVersion(string Prefix, SignatureAlgorithm Algorithm, SignatureEncoding Encoding)
{
    // What several schemes have.
    internal static readonly SignatureVersion HexHmac = new("", SignatureAlgorithm.HmacSha256, SignatureEncoding.Hex);
    internal static readonly SignatureVersion Base64Hmac = HexHmac with { Encoding = SignatureEncoding.Base64 };
    internal static readonly SignatureVersion Sha256 = HexHmac with { Prefix = "sha256=" };
    internal static readonly SignatureVersion Token = HexHmac with { Algorithm = SignatureAlgorithm.Token };
}

/// <summary>Where a provider publishes its public keys.</summary>
/// <param name="Hosts">The hosts that keys are fetched from. <c>*</c> stands for one label of a name.</param>
/// <param name="Url">The URL of the keys; null when the request names it.</param>
/// <param name="UrlAt">The place where a request names the URL; null when it is always the same.</param>
public sealed record FetchedKeys(IReadOnlyList<string> Hosts, string? Url = null, FieldLocator? UrlAt = null);

/// <summary>The algorithms of signatures.</summary>
public enum SignatureAlgorithm
{
    HmacSha256,
    HmacSha1,
    HmacSha512,
    Ed25519,

    /// <summary>The secret itself, compared in constant time. It does not cover the body.</summary>
    Token,

    /// <summary>ECDSA with P-256 and SHA-256, in DER (RFC 3279, section 2.2.3).</summary>
    EcdsaP256,

    /// <summary>RSA PKCS #1 v1.5 with SHA-256.</summary>
    RsaSha256,

    /// <summary>RSA PKCS #1 v1.5 with SHA-1, which AWS SNS still uses by default.</summary>
    RsaSha1,

    /// <summary>A JSON Web Token with RS256 or ES256. It covers the body only by a claim with the body's hash.</summary>
    Jwt,
}

/// <summary>The text encodings of signatures.</summary>
public enum SignatureEncoding
{
    /// <summary>Hexadecimal in upper or lower case.</summary>
    Hex,

    /// <summary>Base64 with padding (RFC 4648, section 4).</summary>
    Base64,
}

/// <summary>The forms of timestamps.</summary>
public enum TimestampFormat
{
    /// <summary>Unix time in whole seconds.</summary>
    UnixSeconds,

    /// <summary>Unix time in whole milliseconds.</summary>
    UnixMilliseconds,

    /// <summary>ISO 8601 with an offset or Z, such as <c>2026-11-22T12:00:00.123Z</c>.</summary>
    Iso8601,
}
