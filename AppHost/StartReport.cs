using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.AppHost;

/// <summary>
/// Reports on the console which resources are not ready yet, the addresses when all are, and which resource has ended with an
/// error. If a store ends with an error, the host ends too, because nothing works without it.
/// </summary>
internal sealed class StartReport(
    ResourceNotificationService notifications,
    ResourceLoggerService logs,
    DistributedApplicationModel model,
    IConfiguration configuration,
    SignInLink signIn,
    IHostApplicationLifetime lifetime,
    TimeProvider time) : IDistributedApplicationEventingSubscriber
{
    private const string DashboardName = "aspire-dashboard";
    private const string Dashboard = "dashboard";
    private const string LocalHosts = "localhost;*.localhost;127.0.0.1;[::1]";
    private const int TailLines = 8;

    private static readonly TimeSpan LogDelay = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
    private readonly List<string> _waiting = [];
    private long _start;

    /// <summary>Whether the host is ending because of an error.</summary>
    public bool HasFailed { get; set; }

    // Hosted services start after Aspire's own, which wait until the stores run.
    public Task SubscribeAsync(
        IDistributedApplicationEventing eventing,
        DistributedApplicationExecutionContext executionContext,
        CancellationToken cancellationToken)
    {
        eventing.Subscribe<BeforeStartEvent>((_, _) =>
        {
            CheckHostsOfDashboard();
            _ = ReportAsync(lifetime.ApplicationStopping);
            return Task.CompletedTask;
        });
        return Task.CompletedTask;
    }

    // It asks for no token here. A page from elsewhere whose name is made to resolve to this machine asks for that name.
    private void CheckHostsOfDashboard()
    {
        foreach (var dashboard in model.Resources.Where(resource => resource.Name == DashboardName))
        {
            dashboard.Annotations.Add(new EnvironmentCallbackAnnotation(environment =>
                environment.EnvironmentVariables["AllowedHosts"] = configuration["AllowedHosts"] ?? LocalHosts));
        }
    }

    private async Task ReportAsync(CancellationToken stoppingToken)
    {
        try
        {
            await WatchAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The host stops, and with it the resources.
        }
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        _start = time.GetTimestamp();
        _waiting.AddRange(model.Resources
            .Where(resource => resource is ProjectResource or IResourceWithConnectionString and not ParameterResource)
            .Select(resource => resource.Name));
        if (HasDashboard)
        {
            _waiting.Add(DashboardName);
        }

        Console.WriteLine($"Starting {string.Join(", ", _waiting.Select(Shown))}");
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            // From now on, resources end because the host stops.
            if (HasFailed)
            {
                return;
            }

            if (change.Snapshot.HealthStatus == HealthStatus.Healthy)
            {
                _ended.Remove(change.ResourceId);
                Arrived(change.Resource.Name);
            }
            else if (HasEndedBadly(change.Snapshot) && _ended.Add(change.ResourceId))
            {
                await EndedAsync(change, stoppingToken);
            }
        }
    }

    private bool HasDashboard => model.Resources.Any(resource => resource.Name == DashboardName);

    private static string Shown(string resource) => resource == DashboardName ? Dashboard : resource;

    private static bool HasEndedBadly(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text == KnownResourceStates.FailedToStart
        || (KnownResourceStates.TerminalStates.Contains(snapshot.State?.Text, StringComparer.Ordinal)
            && snapshot.ExitCode is not (null or 0));

    private void Arrived(string resource)
    {
        if (!_waiting.Remove(resource))
        {
            return;
        }

        if (_waiting.Count > 0)
        {
            Console.WriteLine($"{Shown(resource)} is ready. Waiting for {string.Join(", ", _waiting.Select(Shown))}");
            return;
        }

        var receiver = Url("receiver");
        Console.WriteLine($"""

            Ready after {time.GetElapsedTime(_start).TotalSeconds:0} s.

              Console    {Url("console")}{signIn.Path}
              Receiver   {receiver}
              Worker     {Url("worker")}
              Sender     {Url("sender")}
              Dashboard  {(HasDashboard ? DashboardUrl : "not running")}

            Send a first signed event:
              dotnet run --project Cli -- send {receiver}/webhooks/github \
                --scheme github --event push --data @docs/examples/push.json

            See what became of it:
              token=$(dotnet user-jwts create --project Receiver --scope events:read -o token)
              curl -s {receiver}/events -H "Authorization: Bearer $token"

            """);
    }

    private async Task EndedAsync(ResourceEvent change, CancellationToken stoppingToken)
    {
        var name = Shown(change.Resource.Name);
        // The orchestrator reports the exit code -1 for a process that ended by a signal.
        var how = change.Snapshot.ExitCode switch
        {
            null => "could not be started",
            -1 => "crashed or was killed",
            var code => $"ended with exit code {code}",
        };
        var isStore = change.Resource is LocalServer or ContainerResource;
        Console.Error.WriteLine(
            isStore ? $"{name} {how}. Stopping: nothing works without it."
            : name == Dashboard ? $"The dashboard {how}. All else goes on; a new start brings it back."
            : $"{name} {how}. All else goes on. Its log is in the dashboard, where it can be started again.");
        foreach (var line in await TailAsync(change.Resource, stoppingToken))
        {
            Console.Error.WriteLine($"  {name}: {VisibleText.Of(line)}");
        }

        if (isStore)
        {
            HasFailed = true;
            lifetime.StopApplication();
        }
    }

    private async Task<IEnumerable<string>> TailAsync(IResource resource, CancellationToken stoppingToken)
    {
        // The dashboard's log is not written for people.
        if (resource.Name == DashboardName)
        {
            return [];
        }

        // The last log lines arrive after the end of the process, and nothing marks the last one.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        patience.CancelAfter(LogDelay);
        var lines = new List<string>();
        try
        {
            await foreach (var batch in logs.WatchAsync(resource).WithCancellation(patience.Token))
            {
                lines.AddRange(batch.Select(line => WithoutTime(line.Content)).Where(line => !IsNoise(line)));
            }
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // The time limit ends the wait for more lines.
        }

        return lines.TakeLast(TailLines);
    }

    // Stack frames would displace the message, and the orchestrator's own lines do not contain the reason.
    private static bool IsNoise(string line) =>
        line.StartsWith("   at ", StringComparison.Ordinal)
        || line.StartsWith("[sys]", StringComparison.Ordinal)
        || string.IsNullOrWhiteSpace(line);

    // The orchestrator prefixes each line with its own timestamp.
    private static string WithoutTime(string line) =>
        line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space && DateTimeOffset.TryParse(line.AsSpan(0, space), out _)
            ? line[(space + 1)..]
            : line;

    private string Url(string project) =>
        model.Resources.OfType<ProjectResource>().Single(resource => resource.Name == project).GetEndpoint("http").Url;

    private string DashboardUrl =>
        configuration["ASPNETCORE_URLS"] is { Length: > 0 } urls ? urls.Split(';')[0] : "http://localhost:18888";
}
