using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.AppHost;

/// <summary>
/// Writes <c>worker.json</c> to the data folder while the stores run. It contains their connection strings and the Worker's
/// agent settings, and only its owner can read it. The ports differ in each run, and processes that are started next to the
/// Worker, such as its <c>mcp</c> command, find them there.
/// </summary>
internal sealed partial class WorkerFile(
    string path,
    Stores stores,
    IReadOnlyDictionary<string, string> agents,
    ResourceNotificationService notifications,
    ILogger<WorkerFile> logger)
    : BackgroundService
{
    public const string Name = "worker.json";

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Try(() => File.Delete(path));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, store) in new[] { ("webhooks", stores.Postgres.Resource), ("redis", stores.Redis.Resource) })
        {
            await notifications.WaitForResourceHealthyAsync(store.Name, stoppingToken);
            settings[$"ConnectionStrings:{name}"] = await store.GetConnectionStringAsync(stoppingToken);
        }

        foreach (var (key, value) in agents)
        {
            settings[key] = value;
        }

        Try(() => PrivateFile.Write(path, JsonSerializer.Serialize(settings)));
    }

    private void Try(Action act)
    {
        try
        {
            act();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogFailed(logger, path, exception.Message);
        }
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Warning, Message = "{Path} could not be changed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string path, string reason);
}
