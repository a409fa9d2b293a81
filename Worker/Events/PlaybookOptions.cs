using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>
/// Settings of a playbook: which events become agent tasks, and what an agent may do for them. Section
/// <c>Webhooks:Playbooks:{name}</c>.
/// </summary>
public sealed class PlaybookOptions
{
    /// <summary>The source of the events.</summary>
    [Required]
    public string Source { get; set; } = "";

    /// <summary>The event types, at least one: an exact type, a prefix that ends with <c>*</c>, or <c>*</c>.</summary>
    public List<string> EventTypes { get; set; } = [];

    /// <summary>The instructions to the agent. They come only from here, never from a payload.</summary>
    [Required]
    public string Instructions { get; set; } = "";

    /// <summary>
    /// The agent: <c>rules</c>, the built-in agent that needs no model; <c>openai</c>, a model behind <c>Webhooks:OpenAI</c>;
    /// <c>external</c>, an external agent that claims the task over MCP; or the key of your own <c>IChatClient</c>.
    /// </summary>
    public string Agent { get; set; } = "rules";

    /// <summary>
    /// The names of the tools that the agent can call: <c>fetch_url</c>, <c>read_event</c>, <c>send_message</c>, or your own.
    /// </summary>
    public List<string> Tools { get; set; } = [];

    /// <summary>
    /// The hosts that <c>fetch_url</c> can reach, by exact name, such as <c>api.github.com</c>, at port 443 or at the port that
    /// follows a colon, as in <c>api.github.com:8443</c>.
    /// </summary>
    public List<string> AllowedHosts { get; set; } = [];

    /// <summary>The exact types of the messages that <c>send_message</c> can publish.</summary>
    public List<string> MessageTypes { get; set; } = [];

    /// <summary>The tools whose calls each require the approval of a person.</summary>
    public List<string> RequireApproval { get; set; } = [];

    /// <summary>How long a call waits for approval before it counts as refused.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan ApprovalExpiry { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The budget of a task.</summary>
    public BudgetOptions Budget { get; set; } = new();

    /// <summary>The merchant whose endpoints get the result and the messages.</summary>
    [Required]
    public string Merchant { get; set; } = "";

    /// <summary>The type of the message with the result.</summary>
    [Required]
    public string ResultType { get; set; } = "task.completed";
}

/// <summary>The budget of a task over all its runs. A task that exceeds it is buried.</summary>
public sealed class BudgetOptions
{
    /// <summary>The number of model and tool calls.</summary>
    [Range(1, 500)]
    public int Steps { get; set; } = 20;

    /// <summary>The number of input and output tokens.</summary>
    [Range(100L, 10_000_000L)]
    public long Tokens { get; set; } = 200_000;

    /// <summary>The time of work in seconds, without the time that the task waits for approvals.</summary>
    [Range(1, 3_600)]
    public int Seconds { get; set; } = 300;
}

/// <summary>Each playbook has a name. Section <c>Webhooks:Playbooks</c>.</summary>
public sealed class PlaybooksOptions() : Dictionary<string, PlaybookOptions>(StringComparer.OrdinalIgnoreCase)
{
    public const string Section = "Webhooks:Playbooks";
}
