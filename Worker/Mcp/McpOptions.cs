using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>What agents outside may do without a person. Section <c>Webhooks:Mcp</c>.</summary>
public sealed class McpOptions
{
    public const string Section = "Webhooks:Mcp";

    /// <summary>
    /// Whether <c>replay_event</c> replays any event. Default false: it needs the lease of a task of that event.
    /// </summary>
    public bool ReplayAnyEvent { get; set; }

    /// <summary>
    /// How often one agent, by its <c>--name</c>, can replay one event, over all its sessions. Default 3, from 0 to 100; 0 allows
    /// none.
    /// </summary>
    [Range(0, 100)]
    public int MaxReplaysPerEvent { get; set; } = 3;
}
