namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>One sender's settings, at <c>Webhooks:Sources:{name}</c>; the name is part of the URL.</summary>
public sealed class SourceOptions
{
    /// <summary>
    /// How requests are signed: a name in <see cref="Aspire.Webhooks.Signing.SignatureSchemes"/> or under
    /// <see cref="SchemeOptions"/>; <c>none</c> exists in Development only. Required.
    /// </summary>
    public string? Scheme { get; set; }

    /// <summary>Where the secrets are, all of them active at once. Default: one, at <c>WEBHOOK_SECRET_{NAME}</c>.</summary>
    public List<SecretOptions> Secrets { get; set; } = [];

    /// <summary>
    /// The URL that the sender calls, for schemes that sign it. Without a query, the request's own is appended. Default: the
    /// request's URL as it arrives, which behind a proxy is another one.
    /// </summary>
    public string? Url { get; set; }

    /// <summary>Where the provider's id of a delivery is, as a <see cref="Aspire.Webhooks.Signing.FieldLocator"/>. Default: the scheme's.</summary>
    public string? DeliveryId { get; set; }

    /// <summary>Where the event's type is, in the same forms. Default: the scheme's.</summary>
    public string? EventType { get; set; }

    /// <summary>What its bodies are: <c>any</c>, or <c>phone-message</c>, whose fields are validated. Default <c>any</c>.</summary>
    public string Payload { get; set; } = "any";

    /// <summary>How far the sender's clock may be from ours. Default: the scheme's; from 1 s to 1 h.</summary>
    public TimeSpan? Tolerance { get; set; }

    /// <summary>The largest body, in bytes. Default 1 MiB, up to 32 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>What a compressed body may inflate to, in bytes. Default 8 MiB, up to 64 MiB.</summary>
    public int MaxInflatedBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>How many verified requests are taken. Default: any number.</summary>
    public RateLimitOptions? RateLimit { get; set; }

    /// <summary>
    /// A second path that leads to this source, such as <c>/webhook</c>. Sources may share it: then a request goes to the
    /// one whose scheme finds the most of its headers. Read at start. Default: none.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// Whether a verified event goes on in the trace that its sender names in <c>traceparent</c>. False: it has a trace of ours,
    /// with a link to the sender's. Default true: a sender who signs with our secret is nearly always a service of the same
    /// company or sends no <c>traceparent</c>, and its trace then runs to the deliveries. The signature does not cover the
    /// header, so set false for a sender whose trace ids mean nothing here.
    /// </summary>
    public bool ContinueTrace { get; set; } = true;

    /// <summary>
    /// The configuration key that holds the token which a provider shows when it subscribes by GET (Meta). Default:
    /// <c>WEBHOOK_VERIFY_TOKEN_{NAME}</c>; while it is not set, subscriptions are refused.
    /// </summary>
    public string? VerifyTokenKey { get; set; }

    /// <summary>How the sender is answered.</summary>
    public ReplyOptions Replies { get; set; } = new();
}

/// <summary>One secret of a source.</summary>
public sealed class SecretOptions
{
    /// <summary>The configuration key that holds the secret. Required. One that is not set is passed over; at least one must be.</summary>
    public string? Key { get; set; }

    /// <summary>From when on the secret is refused, as <c>2026-12-31T00:00:00Z</c>; UTC where no offset is given. Default: never.</summary>
    public string? ExpiresAt { get; set; }
}

/// <summary>A token bucket: each request takes a token; without one it is answered 429 with Retry-After.</summary>
public sealed record RateLimitOptions
{
    /// <summary>Tokens that come back per second; required, from 1 to 100 000.</summary>
    public int PerSecond { get; set; }

    /// <summary>How many tokens there are at most. Default: as many as come back per second; up to 1 000 000.</summary>
    public int? Burst { get; set; }
}
