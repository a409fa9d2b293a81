using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.AI;
using Npgsql;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>What a tool is made for: one task. It must not reach beyond what the playbook allows, whatever the arguments say.</summary>
public sealed record ToolContext(Guid TaskId, WebhookEvent Event, Playbook Playbook);

/// <summary>
/// A tool that playbooks may give to agents. Its function is made anew for each run, and its arguments come from a model:
/// untrusted. An effect in our own database is returned as a <see cref="ToolEffect"/>, so that it happens exactly once; a
/// function that acts elsewhere can be called again after a crash, and must be idempotent.
/// </summary>
/// <param name="Name">As playbooks and models know it, such as <c>fetch_url</c>: 1 to 64 ASCII letters, digits, underscores and hyphens.</param>
/// <param name="Create">Makes the function. Its parameters' names, types and descriptions are what the model sees.</param>
public sealed record AgentTool(string Name, Func<ToolContext, AIFunction> Create)
{
    /// <summary>
    /// The function has no effect of its own but returns a <see cref="ToolEffect"/>: where a call needs approval, its arguments are
    /// tried before a person is asked.
    /// </summary>
    public bool ReturnsEffect { get; init; }
}

/// <summary>What a tool call does, once, in the transaction that stores its step.</summary>
/// <param name="Apply">Does it, and says what the model is told.</param>
/// <param name="Wakes">The kind of job that it puts in the queue.</param>
public sealed record ToolEffect(Func<NpgsqlTransaction, CancellationToken, Task<string>> Apply, JobKind? Wakes = null);

/// <summary>A tool call that cannot be done; the message is for the model, which may try something else.</summary>
public sealed class ToolException(string message) : Exception(message);
