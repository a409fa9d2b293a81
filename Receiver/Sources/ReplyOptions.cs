using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>Answers of one source. What is not set is the scheme's, see <see cref="SchemeReplies"/>.</summary>
public sealed class ReplyOptions
{
    /// <summary>The event is stored and will be processed.</summary>
    public AcceptanceReply? Accepted { get; set; }

    /// <summary>The delivery id is known. A status of 2xx stops the sender's retries.</summary>
    public AcceptanceReply? Duplicate { get; set; }

    /// <summary>
    /// Answers to refused requests, by <see cref="Refusal"/>: <c>BodyTooLarge</c>, <c>BodyTooSlow</c>, <c>UnreadableBody</c>,
    /// <c>MissingHeader</c>, <c>MissingTimestamp</c>, <c>InvalidTimestamp</c>, <c>StaleTimestamp</c>,
    /// <c>InvalidSignature</c>, <c>MissingId</c>, <c>UnsupportedMediaType</c>, <c>InvalidBody</c>,
    /// <c>InvalidFields</c>, <c>RateLimited</c>, <c>Busy</c>.
    /// </summary>
    public Dictionary<string, RefusalReply> Refusals { get; set; } = new(StringComparer.OrdinalIgnoreCase);
}

/// <summary>A status and a body.</summary>
public abstract class ReplyOption
{
    /// <summary>The HTTP status. Not set: the scheme's.</summary>
    public abstract int? Status { get; set; }

    /// <summary>The body. Not set: the scheme's. Empty: of a refusal, ProblemDetails; else no body.</summary>
    public string? Body { get; set; }

    /// <summary>The body's Content-Type. Not set: the scheme's, mostly <c>application/json</c>.</summary>
    public string? ContentType { get; set; }
}

/// <summary>A reply to a verified request.</summary>
public sealed class AcceptanceReply : ReplyOption
{
    /// <inheritdoc/>
    [Range(200, 299)]
    public override int? Status { get; set; }
}

/// <summary>A reply to a refused request.</summary>
public sealed class RefusalReply : ReplyOption
{
    /// <inheritdoc/>
    [Range(400, 599)]
    public override int? Status { get; set; }
}
