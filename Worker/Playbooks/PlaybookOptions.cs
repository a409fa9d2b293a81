namespace Aspire.Webhooks.Worker.Playbooks;

/// <summary>Which events become agent tasks, and what of it. At <c>Webhooks:Playbooks:{name}</c>.</summary>
public sealed class PlaybookOptions
{
    /// <summary>The source whose events it is for. Required.</summary>
    public string Source { get; set; } = "";

    /// <summary>The event types it is for; <c>*</c> is every type. Required.</summary>
    public List<string> EventTypes { get; set; } = [];

    /// <summary>What the agent is to do. Instructions come from here alone, never from a payload. Required.</summary>
    public string Instructions { get; set; } = "";

    /// <summary>Who runs it. Default <c>rules</c>, the built-in agent that needs no model.</summary>
    public string Agent { get; set; } = "rules";

    /// <summary>Whose endpoints get the result. Required.</summary>
    public string Merchant { get; set; } = "";

    /// <summary>The type of the message that carries the result. Default <c>task.completed</c>.</summary>
    public string ResultType { get; set; } = "task.completed";
}

/// <summary>Section <c>Webhooks</c>.</summary>
public sealed class PlaybooksOptions
{
    public Dictionary<string, PlaybookOptions> Playbooks { get; set; } = new(StringComparer.OrdinalIgnoreCase);
}
