using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>
/// The whole application as its Program.cs models it: real processes on free ports, with data in a folder of their own that
/// goes with them.
/// </summary>
public sealed class RunningApp : IAsyncDisposable
{
    private readonly DirectoryInfo _data;
    private readonly IDistributedApplicationTestingBuilder _builder;

    private RunningApp(DirectoryInfo data, IDistributedApplicationTestingBuilder builder, DistributedApplication app)
    {
        _data = data;
        _builder = builder;
        App = app;
    }

    public DistributedApplication App { get; }

    /// <summary>The secrets that the services got, by the names of their environment variables.</summary>
    public static IReadOnlyDictionary<string, string> Secrets { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["WEBHOOK_SECRET"] = Random(),
        ["WEBHOOK_SECRET_GITHUB"] = Random(),
        ["WEBHOOK_SECRET_PROVIDER"] = Random(),
        ["WEBHOOK_SECRET_STANDARD"] = "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
        ["POSTGRES_PASSWORD"] = Random(),
        ["REDIS_PASSWORD"] = Random(),
    };

    /// <summary>Starts everything and returns when all of it is healthy.</summary>
    public static async Task<RunningApp> StartAsync(CancellationToken cancellationToken, params string[] moreArguments)
    {
        var data = Directory.CreateTempSubdirectory("webhooks-");
        string[] arguments = [$"--Data:Directory={data.FullName}", .. Secrets.Select(secret => $"--{secret.Key}={secret.Value}"), .. moreArguments];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(arguments, cancellationToken);
        var receiver = builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(project => project.Name == "receiver"));
        foreach (var (key, value) in OperatorToken.Settings)
        {
            receiver.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);
        }

        var running = new RunningApp(data, builder, await builder.BuildAsync(cancellationToken));
        try
        {
            await running.App.StartAsync(cancellationToken);
            foreach (var service in (string[])["receiver", "worker", "sender"])
            {
                await running.App.ResourceNotifications.WaitForResourceHealthyAsync(service, cancellationToken);
            }

            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
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

    private static string Random() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
