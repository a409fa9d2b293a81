using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Aspire.Webhooks.AppHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>
/// The whole application as its Program.cs models it: real processes on free ports, with data in a folder of their own that
/// goes with them.
/// </summary>
public sealed class RunningApp : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    // An application finds its orchestrator by what its process has started since.
    private static readonly SemaphoreSlim OneStart = new(1);

    private readonly DirectoryInfo _data;
    private readonly IDistributedApplicationTestingBuilder _builder;

    private RunningApp(DirectoryInfo data, IDistributedApplicationTestingBuilder builder, DistributedApplication app)
    {
        _data = data;
        _builder = builder;
        App = app;
    }

    public DistributedApplication App { get; }

    /// <summary>The connection string that the services have as <c>webhooks</c>.</summary>
    public Task<string> DatabaseAsync() =>
        ConnectionStringAsync(resource => resource is LocalPostgres or PostgresDatabaseResource);

    /// <summary>The connection string that the services have as <c>redis</c>.</summary>
    public Task<string> RedisAsync() => ConnectionStringAsync(resource => resource is LocalRedis or RedisResource);

    /// <summary>The secrets that the services got, by the names of their environment variables.</summary>
    public static IReadOnlyDictionary<string, string> Secrets { get; } = AppHost.Secrets.Sources
        .Select(source => $"WEBHOOK_SECRET_{source.ToUpperInvariant()}")
        .Concat(["WEBHOOK_SECRET", "WEBHOOK_VERIFY_TOKEN_META", "POSTGRES_PASSWORD", "REDIS_PASSWORD"])
        .ToDictionary(key => key, Random, StringComparer.Ordinal);

    /// <summary>Starts everything and returns when all of it is healthy.</summary>
    public static async Task<RunningApp> StartAsync(CancellationToken cancellationToken, params string[] moreArguments)
    {
        await OneStart.WaitAsync(cancellationToken);
        try
        {
            return await StartOneAsync(moreArguments, cancellationToken);
        }
        finally
        {
            OneStart.Release();
        }
    }

    private static async Task<RunningApp> StartOneAsync(string[] moreArguments, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("webhooks-");
        string[] arguments = [
            $"--Data:Directory={data.FullName}", .. Secrets.Select(secret => $"--{secret.Key}={secret.Value}"), .. moreArguments];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(arguments, cancellationToken);
        // The servers' and services' logs: thousands of lines in which a failure would be hard to find.
        builder.Services.AddLogging(logging => logging.AddFilter("AppHost.Resources", LogLevel.None));
        foreach (
            var project in builder.Resources.OfType<ProjectResource>()
                .Where(project => project.Name is "receiver" or "worker" or "sender").ToList())
        {
            foreach (var (key, value) in OperatorToken.Settings)
            {
                // Beside what dotnet user-jwts has set up, not instead of it.
                var added = key
                    .Replace("ValidIssuer", "ValidIssuers:0", StringComparison.Ordinal)
                    .Replace("ValidAudiences:0", "ValidAudiences:9", StringComparison.Ordinal);
                builder.CreateResourceBuilder(project).WithEnvironment(added.Replace(":", "__", StringComparison.Ordinal), value);
            }
        }

        // A run makes a thousand databases. Autovacuum visited each once a minute, and took a third of the processors at the end.
        foreach (var postgres in builder.Resources.OfType<LocalPostgres>().ToList())
        {
            builder.CreateResourceBuilder(postgres).WithEnvironment("POSTGRES_OPTIONS", "-c autovacuum=off");
        }

        foreach (var postgres in builder.Resources.OfType<PostgresServerResource>().ToList())
        {
            builder.CreateResourceBuilder(postgres).WithArgs("-c", "autovacuum=off");
        }

        var running = new RunningApp(data, builder, await builder.BuildAsync(cancellationToken));
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(StartLimit);
            await running.App.StartAsync(limit.Token);
            foreach (var service in (string[])["receiver", "worker", "sender"])
            {
                await running.App.ResourceNotifications.WaitForResourceHealthyAsync(
                    service, WaitBehavior.StopOnResourceUnavailable, limit.Token);
            }

            return running;
        }
        catch (Exception exception)
        {
            var states = running.States();
            await running.DisposeAsync();
            throw new InvalidOperationException($"The application did not start: {states}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _builder.DisposeAsync();
        try
        {
            _data.Delete(recursive: true);
        }
        catch (UnauthorizedAccessException)
        {
            // Where the stores are containers their files belong to the containers' users.
        }
    }

    private string States() => string.Join(", ", _builder.Resources
        .Where(resource => resource is not ParameterResource)
        .Select(resource => App.ResourceNotifications.TryGetCurrentState(resource.Name, out var state)
            ? $"{resource.Name} is {state.Snapshot.State?.Text} {state.Snapshot.HealthStatus} {state.Snapshot.ExitCode}"
            : $"{resource.Name} is unknown"));

    private async Task<string> ConnectionStringAsync(Func<IResourceWithConnectionString, bool> isIt) =>
        (await _builder.Resources.OfType<IResourceWithConnectionString>().Single(isIt).GetConnectionStringAsync())!;

    private static string Random(string key) => key switch
    {
        "WEBHOOK_SECRET_STANDARD" => "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
        "WEBHOOK_SECRET_DISCORD" => "whsk_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
        _ => RandomNumberGenerator.GetHexString(32, lowercase: true),
    };
}
