namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>Answers of one source, for senders that expect their own.</summary>
public sealed class ReplyOptions
{
    /// <summary>The event is stored and will be processed. Default 202, <c>{"status":"accepted"}</c>; from 200 to 299.</summary>
    public ReplyOption Accepted { get; set; } = new() { Status = 202, Body = """{"status":"accepted"}""" };

    /// <summary>
    /// The delivery id is known. Default 200, so that the sender stops retrying, <c>{"status":"duplicate"}</c>; from 200 to 299.
    /// </summary>
    public ReplyOption Duplicate { get; set; } = new() { Status = 200, Body = """{"status":"duplicate"}""" };

    /// <summary>
    /// Answers to refused requests by <see cref="Refusal"/>, such as <c>StaleTimestamp</c>; statuses from 400 to 599. Default:
    /// the refusal's own status with ProblemDetails that do not tell what was wrong.
    /// </summary>
    public Dictionary<string, ReplyOption> Refusals { get; set; } = new(StringComparer.OrdinalIgnoreCase);
}

/// <summary>A status and a body.</summary>
public sealed class ReplyOption
{
    public int Status { get; set; }

    /// <summary>Default empty: of a refusal, ProblemDetails; else no body.</summary>
    public string Body { get; set; } = "";

    /// <summary>Default <c>application/json</c>.</summary>
    public string ContentType { get; set; } = "application/json";
}
