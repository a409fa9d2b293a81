using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.AI;
using Npgsql;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// The task that the function of a tool is created for. The function must enforce the limits of the playbook, whatever its
/// arguments are.
/// </summary>
public sealed record ToolContext(Guid TaskId, WebhookEvent Event, Playbook Playbook);

/// <summary>
/// A tool that playbooks can allow. Its function is created for each run, and its arguments come from a model, so they are
/// untrusted. An effect in our own database is returned as a <see cref="ToolEffect"/>, so that it happens exactly once. A
/// function that acts elsewhere is called at most once for each approval. Without approval it can be called again after a crash,
/// and must be idempotent.
/// </summary>
/// <param name="Name">The name in playbooks and for models, such as <c>fetch_url</c>: 1 to 64 ASCII letters, digits, underscores
/// and hyphens.</param>
/// <param name="Create">Creates the function. The model sees the names, types and descriptions of its parameters.</param>
public sealed record AgentTool(string Name, Func<ToolContext, AIFunction> Create)
{
    /// <summary>
    /// Whether the function itself has no effect and returns a <see cref="ToolEffect"/>. If a call needs approval and there is no
    /// <see cref="Check"/>, the function is called before a person is asked.
    /// </summary>
    public bool ReturnsEffect { get; init; }

    /// <summary>
    /// Creates a function that throws a <see cref="ToolException"/> when a call can only fail. Its result is not used, and it
    /// must have no effect. It has those parameters of the tool's function that it needs. It runs before a person is asked to
    /// approve a call. If it throws, the model gets the error, and nobody is asked. The tool's function must check its arguments,
    /// too: a decision may take days, and calls without approval are not checked before.
    /// </summary>
    public Func<ToolContext, AIFunction>? Check { get; init; }
}

/// <summary>The effect of a tool call. It is applied once, in the transaction that stores the step.</summary>
/// <param name="Apply">Applies the effect and returns the result for the model.</param>
/// <param name="Wakes">The kind of the jobs that the effect enqueues; null when it enqueues none.</param>
public sealed record ToolEffect(Func<NpgsqlTransaction, CancellationToken, Task<string>> Apply, JobKind? Wakes = null);

/// <summary>A tool call failed. The message is for the model, which can try something else.</summary>
public sealed class ToolException(string message) : Exception(message);
