namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>Why a request is refused.</summary>
public enum Refusal
{
    /// <summary>No source has that name.</summary>
    UnknownSource,

    /// <summary>The body is larger than the source allows, as sent or inflated.</summary>
    BodyTooLarge,

    /// <summary>The body did not arrive in time.</summary>
    BodyTooSlow,

    /// <summary>The body did not arrive whole.</summary>
    UnreadableBody,

    /// <summary>A header that the scheme needs is absent, empty or sent twice.</summary>
    MissingHeader,

    /// <summary>The timestamp is absent, or its header is empty or sent twice.</summary>
    MissingTimestamp,

    /// <summary>The timestamp is no whole number of seconds.</summary>
    InvalidTimestamp,

    /// <summary>The timestamp is too far from now.</summary>
    StaleTimestamp,

    /// <summary>No signature matches any secret in force.</summary>
    InvalidSignature,

    /// <summary>The signature is right, but the header with the delivery's id is absent, empty or sent twice.</summary>
    MissingId,

    /// <summary>The Content-Type or Content-Encoding is none that the source takes.</summary>
    UnsupportedMediaType,

    /// <summary>The body is not what its Content-Type says, or carries no usable delivery id or event type.</summary>
    InvalidBody,

    /// <summary>A field of the body breaks a rule of the source's payload.</summary>
    InvalidFields,

    /// <summary>The source sends more than its rate limit.</summary>
    RateLimited,

    /// <summary>The event cannot be stored now; the sender must try again.</summary>
    Busy,
}

public static class Refusals
{
    /// <summary>The status, where the source has no reply of its own.</summary>
    public static int Status(this Refusal refusal) => refusal switch
    {
        Refusal.UnknownSource => StatusCodes.Status404NotFound,
        Refusal.BodyTooLarge => StatusCodes.Status413PayloadTooLarge,
        Refusal.BodyTooSlow => StatusCodes.Status408RequestTimeout,
        Refusal.UnreadableBody or Refusal.InvalidBody or Refusal.MissingId => StatusCodes.Status400BadRequest,
        Refusal.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        Refusal.InvalidFields => StatusCodes.Status422UnprocessableEntity,
        Refusal.RateLimited => StatusCodes.Status429TooManyRequests,
        Refusal.Busy => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status401Unauthorized,
    };

    /// <summary>Whether the sender has not shown who it is.</summary>
    public static bool IsForgery(this Refusal refusal) => refusal is Refusal.MissingHeader or Refusal.MissingTimestamp
        or Refusal.InvalidTimestamp or Refusal.StaleTimestamp or Refusal.InvalidSignature;

    /// <summary>The name in metrics and in the list of rejected requests, such as <c>invalid_signature</c>.</summary>
    public static string Name(this Refusal refusal) => refusal switch
    {
        Refusal.UnknownSource => "unknown_source",
        Refusal.BodyTooLarge => "body_too_large",
        Refusal.BodyTooSlow => "body_too_slow",
        Refusal.UnreadableBody => "unreadable_body",
        Refusal.MissingHeader => "missing_header",
        Refusal.MissingTimestamp => "missing_timestamp",
        Refusal.MissingId => "missing_id",
        Refusal.InvalidTimestamp => "invalid_timestamp",
        Refusal.StaleTimestamp => "stale_timestamp",
        Refusal.InvalidSignature => "invalid_signature",
        Refusal.UnsupportedMediaType => "unsupported_media_type",
        Refusal.InvalidBody => "invalid_body",
        Refusal.InvalidFields => "invalid_fields",
        Refusal.RateLimited => "rate_limited",
        Refusal.Busy => "busy",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, null),
    };
}
