namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>One sender's settings, at <c>Webhooks:Sources:{name}</c>; the name is part of the URL.</summary>
public sealed class SourceOptions
{
    /// <summary>How requests are signed: <c>github</c>, <c>standard</c> or <c>provider</c>. Required.</summary>
    public string? Scheme { get; set; }

    /// <summary>
    /// The configuration keys that hold the secrets, all of them active at once. Default: <c>WEBHOOK_SECRET_{NAME}</c>.
    /// A key that is not set is passed over; at least one must be.
    /// </summary>
    public List<string> SecretKeys { get; set; } = [];

    /// <summary>Where the provider's id of a delivery is: <c>header:NAME</c> or <c>body:/json/pointer</c>. Default: the scheme's.</summary>
    public string? DeliveryId { get; set; }

    /// <summary>Where the event's type is, in the same forms. Default: the scheme's.</summary>
    public string? EventType { get; set; }

    /// <summary>What its bodies are: <c>any</c>, or <c>phone-message</c>, whose fields are validated. Default <c>any</c>.</summary>
    public string Payload { get; set; } = "any";

    /// <summary>How far the sender's clock may be from ours. Default: the scheme's; from 1 s to 1 h.</summary>
    public TimeSpan? Tolerance { get; set; }

    /// <summary>The largest body, in bytes. Default 1 MiB, up to 32 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>How the sender is answered.</summary>
    public ReplyOptions Replies { get; set; } = new();
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
