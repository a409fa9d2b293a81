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

    /// <summary>How far the sender's clock may be from ours. Default: the scheme's; from 1 s to 1 h.</summary>
    public TimeSpan? Tolerance { get; set; }

    /// <summary>The largest body, in bytes. Default 1 MiB, up to 32 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

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

/// <summary>Answers of one source, for senders that expect their own.</summary>
public sealed class ReplyOptions
{
    /// <summary>The event is stored and will be processed. Default 202.</summary>
    public Reply Accepted { get; set; } = new() { Status = 202, Body = """{"status":"accepted"}""" };

    /// <summary>The delivery id is known. Default 200, so that the sender stops retrying.</summary>
    public Reply Duplicate { get; set; } = new() { Status = 200, Body = """{"status":"duplicate"}""" };

    /// <summary>Status when a header of the scheme is absent. Default 401.</summary>
    public int MissingHeader { get; set; } = 401;

    /// <summary>Status when the timestamp is no number or too far from now. Default 401.</summary>
    public int BadTimestamp { get; set; } = 401;
}

/// <summary>A status and a JSON body.</summary>
public sealed class Reply
{
    public int Status { get; set; }

    public string Body { get; set; } = "";
}
