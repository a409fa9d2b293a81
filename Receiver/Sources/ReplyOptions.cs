namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>Answers of one source. What is not set is the scheme's, see <see cref="SchemeReplies"/>.</summary>
public sealed class ReplyOptions
{
    /// <summary>The event is stored and will be processed. Status from 200 to 299.</summary>
    public ReplyOption? Accepted { get; set; }

    /// <summary>The delivery id is known. Status from 200 to 299, so that the sender stops retrying.</summary>
    public ReplyOption? Duplicate { get; set; }

    /// <summary>Answers to refused requests by <see cref="Refusal"/>, such as <c>StaleTimestamp</c>; statuses from 400 to 599.</summary>
    public Dictionary<string, ReplyOption> Refusals { get; set; } = new(StringComparer.OrdinalIgnoreCase);
}

/// <summary>A status and a body.</summary>
public sealed class ReplyOption
{
    public int? Status { get; set; }

    /// <summary>Empty: of a refusal, ProblemDetails; else no body.</summary>
    public string? Body { get; set; }

    /// <summary>Default <c>application/json</c>.</summary>
    public string? ContentType { get; set; }
}
