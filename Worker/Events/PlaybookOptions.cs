namespace Aspire.Webhooks.Worker.Events;

/// <summary>Which events become agent tasks, and what an agent may do for them. At <c>Webhooks:Playbooks:{name}</c>.</summary>
public sealed class PlaybookOptions
{
    /// <summary>The source whose events it is for. Required.</summary>
    public string Source { get; set; } = "";

    /// <summary>The event types it is for: a type exactly, a beginning that ends in <c>*</c>, or <c>*</c>. Required.</summary>
    public List<string> EventTypes { get; set; } = [];

    /// <summary>What the agent is to do. Instructions come from here alone, never from a payload. Required.</summary>
    public string Instructions { get; set; } = "";

    /// <summary>
    /// Who runs it: <c>rules</c>, the built-in agent that needs no model; <c>openai</c>, a model behind <c>Webhooks:OpenAI</c>;
    /// <c>external</c>, an agent outside that claims the task by MCP; or the key of an <c>IChatClient</c> of your own. Default
    /// <c>rules</c>.
    /// </summary>
    public string Agent { get; set; } = "rules";

    /// <summary>The tools that the agent has, by name: <c>fetch_url</c>, <c>read_event</c>, <c>send_message</c>, or your own. Default none.</summary>
    public List<string> Tools { get; set; } = [];

    /// <summary>
    /// The hosts that <c>fetch_url</c> may reach, by exact name, such as <c>api.github.com</c>, at port 443 or the one that
    /// follows a colon, as in <c>api.github.com:8443</c>. Default none.
    /// </summary>
    public List<string> AllowedHosts { get; set; } = [];

    /// <summary>The types of messages that <c>send_message</c> may publish, exactly. Default none.</summary>
    public List<string> MessageTypes { get; set; } = [];

    /// <summary>The tools of which each call waits for a person. Default none.</summary>
    public List<string> RequireApproval { get; set; } = [];

    /// <summary>How long a call waits for a person before it counts as refused. Default one day, from 1 s to 30 days.</summary>
    public TimeSpan ApprovalExpiry { get; set; } = TimeSpan.FromDays(1);

    /// <summary>What a task may use up.</summary>
    public BudgetOptions Budget { get; set; } = new();

    /// <summary>Whose endpoints get the result and the messages. Required.</summary>
    public string Merchant { get; set; } = "";

    /// <summary>The type of the message that carries the result. Default <c>task.completed</c>.</summary>
    public string ResultType { get; set; } = "task.completed";
}

/// <summary>What a task may use up, over all its runs. A task that needs more is buried.</summary>
public sealed class BudgetOptions
{
    /// <summary>Model and tool calls together. Default 20, from 1 to 500.</summary>
    public int Steps { get; set; } = 20;

    /// <summary>Tokens that go in and come out. Default 200,000, from 100 to 10,000,000.</summary>
    public long Tokens { get; set; } = 200_000;

    /// <summary>Seconds of work; waiting for a person does not count. Default 300, from 1 to 3,600.</summary>
    public int Seconds { get; set; } = 300;
}

/// <summary>Section <c>Webhooks:Playbooks</c>, by name.</summary>
public sealed class PlaybooksOptions() : Dictionary<string, PlaybookOptions>(StringComparer.OrdinalIgnoreCase)
{
    public const string Section = "Webhooks:Playbooks";
}
