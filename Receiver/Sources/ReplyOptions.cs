using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>The answers of one source. Those that are not set are those of the scheme; see <see cref="SchemeReplies"/>.</summary>
public sealed class ReplyOptions
{
    /// <summary>The answer when the event is stored.</summary>
    public AcceptanceReply? Accepted { get; set; }

    /// <summary>The answer to a duplicate. A 2xx status stops the retries of the sender.</summary>
    public AcceptanceReply? Duplicate { get; set; }

    /// <summary>
    /// The answers to refused requests by <see cref="Refusal"/>: <c>BodyTooLarge</c>, <c>BodyTooSlow</c>, <c>UnreadableBody</c>,
    /// <c>MissingHeader</c>, <c>MissingTimestamp</c>, <c>InvalidTimestamp</c>, <c>StaleTimestamp</c>,
    /// <c>InvalidSignature</c>, <c>MissingId</c>, <c>UnsupportedMediaType</c>, <c>InvalidBody</c>,
    /// <c>InvalidFields</c>, <c>RateLimited</c>, <c>Busy</c>.
    /// </summary>
    public Dictionary<string, RefusalReply> Refusals { get; set; } = new(StringComparer.OrdinalIgnoreCase);
}

/// <summary>An answer.</summary>
public abstract class ReplyOption
{
    /// <summary>The HTTP status. Not set: that of the scheme.</summary>
    public abstract int? Status { get; set; }

    /// <summary>The body. Not set: that of the scheme. Empty: ProblemDetails for a refusal, otherwise no body.</summary>
    public string? Body { get; set; }

    /// <summary>The Content-Type of the body. Not set: that of the scheme, usually <c>application/json</c>.</summary>
    public string? ContentType { get; set; }
}

/// <summary>An answer to a verified request.</summary>
public sealed class AcceptanceReply : ReplyOption
{
    /// <inheritdoc/>
    [Range(200, 299)]
    public override int? Status { get; set; }
}

/// <summary>An answer to a refused request.</summary>
public sealed class RefusalReply : ReplyOption
{
    /// <inheritdoc/>
    [Range(400, 599)]
    public override int? Status { get; set; }
}
