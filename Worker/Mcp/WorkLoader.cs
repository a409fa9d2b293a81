using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Worker.Agent;
using Aspire.Webhooks.Worker.Playbooks;
using Aspire.Webhooks.Worker.Tasks;
using Aspire.Webhooks.Worker.Tools;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>Reads what a held task is about.</summary>
internal sealed class WorkLoader(TaskStore tasks, PlaybookCatalog playbooks)
{
    /// <returns>Null when the task's playbook is not configured in this process, which may know less than the Worker.</returns>
    public async Task<AgentWork?> TryLoadAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        var (task, webhookEvent, steps) = await tasks.LoadAsync(job.RefId, cancellationToken);
        return playbooks.Find(task.Playbook) is { } playbook ? new(job, task, playbook, webhookEvent, steps) : null;
    }

    /// <exception cref="ToolException">The task's playbook is not configured in this process.</exception>
    public async Task<AgentWork> LoadAsync(LeasedJob job, CancellationToken cancellationToken) =>
        await TryLoadAsync(job, cancellationToken) ?? throw new ToolException($"The playbook of task {job.RefId} is not configured here.");
}
