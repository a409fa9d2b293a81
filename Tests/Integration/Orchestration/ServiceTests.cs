using System.Diagnostics;
using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Aspire.Webhooks.AppHost;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

/// <summary>What the application's services get, and what becomes of one that crashes.</summary>
public sealed class ServiceTests(TestStack stack)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_crashed_service_starts_again_and_a_rotated_secret_is_accepted_beside_the_old_one()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("env-");
        var (file, old) = (Path.Combine(folder.FullName, ".env"), RunningApp.Secrets["WEBHOOK_SECRET_GITHUB"]);
        await File.WriteAllTextAsync(file, $"WEBHOOK_SECRET_GITHUB={old}\n", cancellation);
        await using var running = await RunningApp.StartAsync(cancellation, $"--Data:EnvFile={file}");
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

        var rotated = await running.App.ResourceCommands.ExecuteCommandAsync(
            running.App.Services.GetRequiredService<DistributedApplicationModel>().Resources
                .Single(resource => resource.Name == "receiver"),
            "rotate-secret",
            new([
                new() { Name = "source", InputType = InputType.Text, Value = "github" },
                new() { Name = "overlap", InputType = InputType.Text, Value = "an hour" },
            ]),
            cancellation);

        Assert.True(rotated.Success, rotated.Message);
        var kept = DotEnv.Parse(await File.ReadAllTextAsync(file, cancellation));
        Assert.Equal(rotated.Data!.Value, kept["WEBHOOK_SECRET_GITHUB"]);
        Assert.Equal(old, kept["WEBHOOK_SECRET_GITHUB_PREVIOUS"]);
        using var client = running.App.CreateHttpClient("receiver", "http");
        foreach (var (secret, expected) in ((string, HttpStatusCode)[])[
            (rotated.Data.Value, HttpStatusCode.Accepted), (old, HttpStatusCode.Accepted),
            ("another-secret-altogether", HttpStatusCode.Unauthorized)])
        {
            // The Receiver restarts.
            await Eventually.HoldsAsync($"it is answered {expected}", async () =>
            {
                using var request = SignedRequest.GitHub("{}", secret: secret);
                try
                {
                    using var answer = await client.SendAsync(request, cancellation);
                    return answer.StatusCode == expected;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            });
        }

        folder.Delete(recursive: true);
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
