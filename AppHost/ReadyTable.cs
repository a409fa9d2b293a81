using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.AppHost;

/// <summary>Tells a waiting person what is still being waited for, and at the end where everything is.</summary>
internal sealed class ReadyTable(
    ResourceNotificationService notifications,
    DistributedApplicationModel model,
    IConfiguration configuration,
    TimeProvider time) : BackgroundService
{
    private const string Dashboard = "aspire-dashboard";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var start = time.GetTimestamp();
        var waiting = model.Resources
            .Where(resource => resource is ProjectResource or IResourceWithConnectionString)
            .Select(resource => resource.Name)
            .ToList();
        Console.WriteLine($"Starting {string.Join(", ", waiting)}");
        var hasDashboard = false;
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            hasDashboard |= change.Resource.Name == Dashboard && change.Snapshot.HealthStatus == HealthStatus.Healthy;
            if (change.Snapshot.HealthStatus != HealthStatus.Healthy || !waiting.Remove(change.Resource.Name))
            {
                continue;
            }

            if (waiting.Count == 0)
            {
                break;
            }

            Console.WriteLine($"{change.Resource.Name} is ready. Waiting for {string.Join(", ", waiting)}");
        }

        PrintTable(time.GetElapsedTime(start), hasDashboard);
        if (hasDashboard || !model.Resources.Any(resource => resource.Name == Dashboard))
        {
            return;
        }

        await notifications.WaitForResourceAsync(Dashboard, change => change.Snapshot.HealthStatus == HealthStatus.Healthy, stoppingToken);
        Console.WriteLine($"The dashboard is ready: {DashboardUrl(isUp: true)}");
    }

    private void PrintTable(TimeSpan taken, bool hasDashboard)
    {
        var receiver = Url("receiver");
        Console.WriteLine($"""

            Ready after {taken.TotalSeconds:0} s.

              Receiver   {receiver}
              Worker     {Url("worker")}
              Sender     {Url("sender")}
              Dashboard  {DashboardUrl(hasDashboard)}

            Send a first signed event:
              dotnet run --project Sender -- send {receiver}/webhooks/github --scheme github --event push --data @docs/examples/push.json

            See what became of it:
              curl -s {receiver}/events -H "Authorization: Bearer $(dotnet user-jwts create --project Receiver --scope events:read -o token)"

            """);
    }

    private string Url(string project) =>
        model.Resources.OfType<ProjectResource>().Single(resource => resource.Name == project).GetEndpoint("http").Url;

    private string DashboardUrl(bool isUp)
    {
        if (!model.Resources.Any(resource => resource.Name == Dashboard))
        {
            return "not running";
        }

        var url = configuration["ASPNETCORE_URLS"] is { Length: > 0 } urls ? urls.Split(';')[0] : "http://localhost:18888";
        return isUp ? url : $"{url} (still starting)";
    }
}

public static class ReadyTableExtensions
{
    /// <summary>Prints progress while resources start, and a table of URLs when all are healthy.</summary>
    public static IDistributedApplicationBuilder AddReadyTable(this IDistributedApplicationBuilder builder)
    {
        builder.Services.AddHostedService<ReadyTable>();
        return builder;
    }
}
