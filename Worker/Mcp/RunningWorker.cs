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
    /// In Development the AppHost's stores are on other ports in each run; while they run, it keeps this file about them in
    /// its data folder. What is configured wins.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no database to work with.</exception>
    public static void AddRunningWorker(this HostApplicationBuilder builder)
    {
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
        await TryLoadAsync(job, cancellationToken)
            ?? throw new ToolException($"The playbook of task {job.RefId} is not configured here.");
}
