using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.AI;
using Npgsql;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// What a tool is made for: one task. It must not reach beyond what the playbook allows, whatever the arguments say.
/// </summary>
public sealed record ToolContext(Guid TaskId, WebhookEvent Event, Playbook Playbook);

/// <summary>
/// A tool that playbooks may give to agents. Its function is made anew for each run, and its arguments come from a model:
/// untrusted. An effect in our own database is returned as a <see cref="ToolEffect"/>, so that it happens exactly once. A
/// function that acts elsewhere is called at most once for each approval; without approval it can be called again after a crash,
/// and must be idempotent.
/// </summary>
/// <param name="Name">As playbooks and models know it, such as <c>fetch_url</c>: 1 to 64 ASCII letters, digits, underscores
/// and hyphens.</param>
/// <param name="Create">Makes the function. Its parameters' names, types and descriptions are what the model sees.</param>
public sealed record AgentTool(string Name, Func<ToolContext, AIFunction> Create)
{
    /// <summary>
    /// The function has no effect of its own but returns a <see cref="ToolEffect"/>: where a call needs approval and there is no
    /// <see cref="Check"/>, the function is called before a person is asked.
    /// </summary>
    public bool ReturnsEffect { get; init; }

    /// <summary>
    /// Makes a function that throws a <see cref="ToolException"/> when a call can only fail; what it returns is not used. It has
    /// no effect. Its parameters are those of the tool's function that it needs. It runs before a person is asked to approve a
    /// call: the model gets the error, and nobody is asked. The tool's function checks its arguments all the same, since a
    /// decision may take days, and a call without approval is not checked before.
    /// </summary>
    public Func<ToolContext, AIFunction>? Check { get; init; }
}

/// <summary>What a tool call does, once, in the transaction that stores its step.</summary>
/// <param name="Apply">Does it, and says what the model is told.</param>
/// <param name="Wakes">The kind of job that it puts in the queue.</param>
public sealed record ToolEffect(Func<NpgsqlTransaction, CancellationToken, Task<string>> Apply, JobKind? Wakes = null);

/// <summary>A tool call that cannot be done; the message is for the model, which may try something else.</summary>
public sealed class ToolException(string message) : Exception(message);
