using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Agents;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

namespace Aspire.Webhooks.Worker.Mcp;

internal static class RunningWorker
{
    private const string FileName = "worker.json";

    /// <summary>
    /// Configures the connections to the stores. In Development their ports differ in each run, so the AppHost writes them to a
    /// file in its data folder while they run. Configured values take precedence.
    /// </summary>
    /// <exception cref="InvalidOperationException">No database is configured.</exception>
    public static void AddRunningWorker(this HostApplicationBuilder builder)
    {
        DatabaseUrl.Add(builder);
        var isDevelopment = builder.Environment.IsDevelopment();
        var repository = Path.GetFullPath(Path.Combine(builder.Environment.ContentRootPath, ".."));
        var data = Path.GetFullPath(
            builder.Configuration["Data:Directory"] is { Length: > 0 } configured ? configured : ".data", repository);
        if (isDevelopment && Directory.Exists(data))
        {
            builder.Configuration.Sources.Insert(0, new JsonConfigurationSource
            {
                FileProvider = new PhysicalFileProvider(data), Path = FileName, Optional = true,
            });
        }

        if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString(StorageRegistration.ConnectionName)))
        {
            throw new InvalidOperationException(
                $"ConnectionStrings:{StorageRegistration.ConnectionName} is not "
                    + $"set{(isDevelopment ? ", and ./run.sh is not running" : "")}.");
        }
    }
}

/// <summary>Loads the task, the event and the playbook of a claimed job.</summary>
internal sealed class WorkLoader(TaskStore tasks, PlaybookCatalog playbooks)
{
    /// <returns>
    /// The work; null when the task's playbook is not configured in this process, whose configuration may differ from the
    /// Worker's.
    /// </returns>
    public async Task<AgentWork?> TryLoadAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        var (task, webhookEvent, steps) = await tasks.LoadAsync(job.RefId, cancellationToken);
        return playbooks.Find(task.Playbook) is { } playbook ? new(job, task, playbook, webhookEvent, steps) : null;
    }

    /// <exception cref="ToolException">The task's playbook is not configured in this process.</exception>
    public async Task<AgentWork> LoadAsync(LeasedJob job, CancellationToken cancellationToken) =>
        await TryLoadAsync(job, cancellationToken)
            ?? throw new ToolException($"The playbook of task {job.RefId} is not configured here.");
}
