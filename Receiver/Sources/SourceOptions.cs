using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>Settings of a source. Its name is part of its URL. Section <c>Webhooks:Sources:{name}</c>.</summary>
public sealed class SourceOptions
{
    /// <summary>
    /// The signature scheme: the name of a built-in one or of one in <see cref="SchemesOptions"/>. <c>none</c> accepts requests
    /// without a signature, in Development only.
    /// </summary>
    [Required]
    public string? Scheme { get; set; }

    /// <summary>
    /// The secrets, which are all active at once. Not set: one secret at <c>WEBHOOK_SECRET_{NAME}</c>, which is
    /// <c>WEBHOOK_SECRET_MY_SHOP</c> for the source <c>my-shop</c>. For Standard Webhooks it has the form <c>whsec_…</c>.
    /// </summary>
    public List<SecretOptions> Secrets { get; set; } = [];

    /// <summary>
    /// What the sender must be, for schemes whose keys are public and sign for everybody: of <c>sns</c> the ARNs of the topics,
    /// of <c>paypal</c> the id of the webhook, of schemes with a JSON Web Token its claims, such as
    /// <c>aud=https://hooks.example.com/webhooks/pubsub email=push@project.iam.gserviceaccount.com</c>. Any one of several is
    /// accepted. Such a source has no secret.
    /// </summary>
    public List<string> Identity { get; set; } = [];

    /// <summary>
    /// The URL that the sender calls, for schemes that sign it. If it has no query, that of the request is appended. Not set: the
    /// URL of the request as it arrives, which differs behind a proxy.
    /// </summary>
    public string? Url { get; set; }

    /// <summary>
    /// The location of the provider's id of a delivery: <c>header:NAME</c>, <c>body:/json/pointer</c>, <c>value:TEXT</c>,
    /// <c>digest</c>, or several of them separated by <c> | </c>, of which the first with a value is used. Not set: that of the
    /// scheme.
    /// </summary>
    public string? DeliveryId { get; set; }

    /// <summary>The location of the event type, in the same forms. Not set: that of the scheme.</summary>
    public string? EventType { get; set; }

    /// <summary>The content of the bodies: <c>any</c>, or <c>phone-message</c>, whose fields are validated.</summary>
    public string Payload { get; set; } = "any";

    /// <summary>The largest difference between the sender's clock and ours. Not set: that of the scheme.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan? Tolerance { get; set; }

    /// <summary>
    /// The largest size of a body in bytes. Not set: that of the scheme, which is 1 MiB unless the provider sends larger ones.
    /// </summary>
    [Range(1, 32 * 1024 * 1024)]
    public int? MaxBodyBytes { get; set; }

    /// <summary>The largest size of a decompressed body in bytes, at least <see cref="MaxBodyBytes"/>.</summary>
    [Range(1, 64 * 1024 * 1024)]
    public int MaxInflatedBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>
    /// How long a delivery counts as a duplicate of an earlier one that is known by the <c>digest</c> of its body alone. After
    /// this time the same body is a new event. It has no effect on deliveries with an id.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan DeduplicationWindow { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The rate limit of verified requests. Not set: no limit.</summary>
    public RateLimitOptions? RateLimit { get; set; }

    /// <summary>
    /// An additional path of this source, such as <c>/webhook</c>. If several sources share it, a request goes to the one whose
    /// scheme finds most of its headers. It is read at startup only.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// Whether a verified event continues the trace in the sender's <c>traceparent</c>, up to the deliveries. If false, it starts
    /// a trace of its own with a link to the sender's. Nearly all verified senders are services of the same company or send no
    /// <c>traceparent</c>. The signature does not cover the header, so set false for a sender whose trace ids are useless here.
    /// </summary>
    public bool ContinueTrace { get; set; } = true;

    /// <summary>
    /// The configuration key of the token that a provider sends when it subscribes by GET (Meta). Not set:
    /// <c>WEBHOOK_VERIFY_TOKEN_{NAME}</c>. Without a token, subscriptions are refused.
    /// </summary>
    public string? VerifyTokenKey { get; set; }

    /// <summary>The answers to the sender.</summary>
    public ReplyOptions Replies { get; set; } = new();
}

/// <summary>Settings of a secret of a source.</summary>
public sealed class SecretOptions
{
    /// <summary>
    /// The configuration key of the secret, never the secret itself. Keys without a value are ignored, but at least one must have
    /// a value. In Development the sources <c>messages</c>, <c>agent</c> and <c>provider</c> have a second secret at
    /// <c>WEBHOOK_SECRET</c>, which is also the fallback of <c>send</c>.
    /// </summary>
    [Required]
    public string? Key { get; set; }

    /// <summary>
    /// The time from which the secret is refused, such as <c>2026-12-31T00:00:00Z</c>. Without an offset it is UTC. Not set: the
    /// secret does not expire.
    /// </summary>
    public string? ExpiresAt { get; set; }
}

/// <summary>
/// Settings of a token bucket. Each request takes a token. Without a token it is answered 429 with Retry-After.
/// </summary>
public sealed record RateLimitOptions
{
    /// <summary>The number of tokens that are added per second.</summary>
    [Required, Range(1, 100_000)]
    public int PerSecond { get; set; }

    /// <summary>The largest number of tokens. Not set: the number that is added per second.</summary>
    [Range(1, 1_000_000)]
    public int? Burst { get; set; }
}

/// <summary>
/// The sources by name. A name has 1 to 64 of the characters a-z, 0-9 and <c>-</c>. Section <c>Webhooks:Sources</c>.
/// </summary>
public sealed class SourcesOptions() : Dictionary<string, SourceOptions>(StringComparer.OrdinalIgnoreCase)
{
    public const string Section = "Webhooks:Sources";
}
