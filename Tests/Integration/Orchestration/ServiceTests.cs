using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

/// <summary>What the application's services get, and what becomes of one that crashes.</summary>
public sealed class ServiceTests(TestStack stack)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_crashed_service_leaves_the_others_running_and_starts_again()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var running = await RunningApp.StartAsync(cancellation);
        var notifications = running.App.ResourceNotifications;

        using (var worker = Process.GetProcessById(PidOf(running.App, "worker")))
        {
            worker.Kill();
        }

        await notifications.WaitForResourceAsync("worker", KnownResourceStates.TerminalStates, cancellation)
            .WaitAsync(Limit, cancellation);
        await notifications.WaitForResourceHealthyAsync("receiver", cancellation);
        var restart = await running.App.ResourceCommands.ExecuteCommandAsync(
            "worker", KnownResourceCommands.StartCommand, cancellation);
        Assert.True(restart.Success, restart.Message);
        await notifications.WaitForResourceHealthyAsync("worker", cancellation).WaitAsync(Limit, cancellation);
    }

    [Fact]
    public async Task Each_service_gets_its_own_secrets_and_connections()
    {
        var application = await stack.ApplicationAsync();
        var receiver = EnvironmentOf(application, "receiver");
        var worker = EnvironmentOf(application, "worker");
        var sender = EnvironmentOf(application, "sender");

        foreach (var service in (IReadOnlyDictionary<string, string>[])[receiver, worker, sender])
        {
            Assert.Equal(await stack.DatabaseAsync(), service["ConnectionStrings__webhooks"]);
            Assert.Equal(await stack.RedisAsync(), service["ConnectionStrings__redis"]);
        }

        Assert.All(
            RunningApp.Secrets.Keys.Where(key => key.StartsWith("WEBHOOK_", StringComparison.Ordinal)),
            key => Assert.Equal(RunningApp.Secrets[key], receiver[key]));
        Assert.Equal(RunningApp.Secrets["WEBHOOK_SECRET_STANDARD"], sender["WEBHOOK_SECRET_STANDARD"]);
        Assert.Equal(application.GetEndpoint("receiver", "http"), new Uri(sender["services__receiver__http__0"]));
        // In front of each service is the orchestrator's proxy.
        Assert.NotEqual(application.GetEndpoint("sender", "http"), new Uri(sender["ASPNETCORE_URLS"]));
        Assert.DoesNotContain(
            sender.Keys, key =>
                key.StartsWith("WEBHOOKS_", StringComparison.Ordinal) || key.StartsWith("REDIS_", StringComparison.Ordinal));
        Assert.Equal("sender", sender["OTEL_SERVICE_NAME"]);
        Assert.Equal("Development", sender["ASPNETCORE_ENVIRONMENT"]);
    }

    private static int PidOf(DistributedApplication application, string service)
    {
        Assert.True(application.ResourceNotifications.TryGetCurrentState(service, out var state));
        return (int)state.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value!;
    }

    private static Dictionary<string, string> EnvironmentOf(DistributedApplication application, string service) =>
        File.ReadAllText($"/proc/{PidOf(application, service)}/environ")
            .Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
