namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>The reason why a request is refused.</summary>
public enum Refusal
{
    /// <summary>The source does not exist.</summary>
    UnknownSource,

    /// <summary>The body is larger than the source allows, either as sent or decompressed.</summary>
    BodyTooLarge,

    /// <summary>The body did not arrive in time.</summary>
    BodyTooSlow,

    /// <summary>The body is incomplete or malformed.</summary>
    UnreadableBody,

    /// <summary>A header that the scheme requires is absent, empty or sent twice.</summary>
    MissingHeader,

    /// <summary>The timestamp is absent, or its header is empty or sent twice.</summary>
    MissingTimestamp,

    /// <summary>The timestamp is not a whole number of seconds.</summary>
    InvalidTimestamp,

    /// <summary>The timestamp is too far from now.</summary>
    StaleTimestamp,

    /// <summary>No signature matches any secret in force.</summary>
    InvalidSignature,

    /// <summary>The signature is valid, but the header with the delivery id is absent, empty or sent twice.</summary>
    MissingId,

    /// <summary>The source does not accept the Content-Type or Content-Encoding.</summary>
    UnsupportedMediaType,

    /// <summary>The body does not match its Content-Type, or has no valid delivery id or event type.</summary>
    InvalidBody,

    /// <summary>A field of the body is invalid for the payload of the source.</summary>
    InvalidFields,

    /// <summary>The source has exceeded its rate limit.</summary>
    RateLimited,

    /// <summary>The event cannot be stored now, and the sender must try again.</summary>
    Busy,
}

public static class Refusals
{
    /// <summary>Returns the status of the answer if the source has no reply of its own.</summary>
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

    /// <summary>Whether the sender could not be authenticated.</summary>
    public static bool IsForgery(this Refusal refusal) => refusal is Refusal.MissingHeader or Refusal.MissingTimestamp
        or Refusal.InvalidTimestamp or Refusal.StaleTimestamp or Refusal.InvalidSignature;

    /// <summary>Returns the name in metrics and in the list of rejected requests, such as <c>invalid_signature</c>.</summary>
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
