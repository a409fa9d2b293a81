using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>One sender's settings, at <c>Webhooks:Sources:{name}</c>; the name is part of the URL.</summary>
public sealed class SourceOptions
{
    /// <summary>
    /// How requests are signed: the name of a scheme that ships or of one in <see cref="SchemesOptions"/>. <c>none</c> takes them
    /// unsigned, in Development only.
    /// </summary>
    [Required]
    public string? Scheme { get; set; }

    /// <summary>
    /// Where the secrets are, all of them active at once. Not set: one, at <c>WEBHOOK_SECRET_{NAME}</c>, <c>whsec_…</c> for
    /// Standard Webhooks; of <c>my-shop</c> at <c>WEBHOOK_SECRET_MY_SHOP</c>.
    /// </summary>
    public List<SecretOptions> Secrets { get; set; } = [];

    /// <summary>
    /// The URL that the sender calls, for schemes that sign it. Without a query, the request's own is appended. Not set: the
    /// request's URL as it arrives, which behind a proxy is another one.
    /// </summary>
    public string? Url { get; set; }

    /// <summary>
    /// Where the provider's id of a delivery is: <c>header:NAME</c>, <c>body:/json/pointer</c>, <c>value:TEXT</c>,
    /// <c>digest</c>, or several with <c> | </c> between them, of which the first that has a value counts. Not set: the
    /// scheme's.
    /// </summary>
    public string? DeliveryId { get; set; }

    /// <summary>Where the event's type is, in the same forms. Not set: the scheme's.</summary>
    public string? EventType { get; set; }

    /// <summary>What its bodies are: <c>any</c>, or <c>phone-message</c>, whose fields are validated.</summary>
    public string Payload { get; set; } = "any";

    /// <summary>How far the sender's clock may be from ours. Not set: the scheme's.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan? Tolerance { get; set; }

    /// <summary>
    /// The largest body, in bytes. Not set: the scheme's, which is 1 MiB unless the provider sends larger ones.
    /// </summary>
    [Range(1, 32 * 1024 * 1024)]
    public int? MaxBodyBytes { get; set; }

    /// <summary>What a compressed body may inflate to, in bytes; never less than <see cref="MaxBodyBytes"/>.</summary>
    [Range(1, 64 * 1024 * 1024)]
    public int MaxInflatedBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>
    /// How long a delivery counts as a duplicate of an earlier one that is known by the <c>digest</c> of its body alone. After
    /// this time the same body is a new event. It has no effect on deliveries with an id.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan DeduplicationWindow { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How many verified requests are taken. Not set: any number.</summary>
    public RateLimitOptions? RateLimit { get; set; }

    /// <summary>
    /// A second path that leads to this source, such as <c>/webhook</c>. Sources may share it: then a request goes to the
    /// one whose scheme finds the most of its headers. Read at start.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// Whether a verified event goes on in the trace that its sender names in <c>traceparent</c>. False: it has a trace of ours,
    /// with a link to the sender's. A sender who signs with our secret is nearly always a service of the same company or sends no
    /// <c>traceparent</c>, and its trace then runs to the deliveries. The signature does not cover the header, so set false for a
    /// sender whose trace ids mean nothing here.
    /// </summary>
    public bool ContinueTrace { get; set; } = true;

    /// <summary>
    /// The configuration key that holds the token which a provider shows when it subscribes by GET (Meta). Not set:
    /// <c>WEBHOOK_VERIFY_TOKEN_{NAME}</c>; while it is not set, subscriptions are refused.
    /// </summary>
    public string? VerifyTokenKey { get; set; }

    /// <summary>How the sender is answered.</summary>
    public ReplyOptions Replies { get; set; } = new();
}

/// <summary>One secret of a source.</summary>
public sealed class SecretOptions
{
    /// <summary>
    /// The configuration key that holds the secret, never the secret. One that is not set is passed over; at least one must be.
    /// In Development the sources <c>messages</c>, <c>agent</c> and <c>provider</c> have a second secret at
    /// <c>WEBHOOK_SECRET</c>, which is also what <c>send</c> falls back to.
    /// </summary>
    [Required]
    public string? Key { get; set; }

    /// <summary>
    /// From when on the secret is refused, as <c>2026-12-31T00:00:00Z</c>; UTC where no offset is given. Not set: never.
    /// </summary>
    public string? ExpiresAt { get; set; }
}

/// <summary>A token bucket: each request takes a token; without one it is answered 429 with Retry-After.</summary>
public sealed record RateLimitOptions
{
    /// <summary>Tokens that come back per second.</summary>
    [Required, Range(1, 100_000)]
    public int PerSecond { get; set; }

    /// <summary>How many tokens there are at most. Not set: as many as come back per second.</summary>
    [Range(1, 1_000_000)]
    public int? Burst { get; set; }
}

/// <summary>Section <c>Webhooks:Sources</c>, by name: 1 to 64 of the characters a-z, 0-9 and <c>-</c>.</summary>
public sealed class SourcesOptions() : Dictionary<string, SourceOptions>(StringComparer.OrdinalIgnoreCase)
{
    public const string Section = "Webhooks:Sources";
}
