using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(Aspire.Webhooks.Tests.Stack.TestStack))]

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>
/// The whole application as the AppHost starts it, once per test run, on random ports and a data folder of its own.
/// It starts when the first test asks for it, so that unit tests alone start nothing.
/// </summary>
public sealed class TestStack : IAsyncLifetime
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    private readonly string _data = Directory.CreateTempSubdirectory("webhooks-tests-").FullName;
    private readonly Lazy<Task<DistributedApplication>> _application;

    public TestStack() => _application = new(StartAsync);

    public string GitHubSecret { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));

    public string StandardSecret { get; } = $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}";

    public Task<DistributedApplication> ApplicationAsync() => _application.Value;

    /// <summary>The connection string of the stack's own database.</summary>
    public async Task<string> DatabaseAsync() =>
        (await (await ApplicationAsync()).GetConnectionStringAsync("webhooks"))!;

    public async Task<string> RedisAsync() => (await (await ApplicationAsync()).GetConnectionStringAsync("redis"))!;

    /// <summary>A new, empty database on the stack's server, for a test that wants the tables to itself.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = $"test_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        var shared = await DatabaseAsync();
        await using var connection = new NpgsqlConnection(shared);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"create database {name}", connection);
        await command.ExecuteNonQueryAsync();

        // Each database has pools of its own in this process; what they keep counts against the server's limit.
        return new NpgsqlConnectionStringBuilder(shared) { Database = name, ConnectionIdleLifetime = 5, ConnectionPruningInterval = 1 }.ConnectionString;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_application.IsValueCreated)
        {
            await (await _application.Value).DisposeAsync();
        }

        Directory.Delete(_data, recursive: true);
    }

    private async Task<DistributedApplication> StartAsync()
    {
        using var limit = new CancellationTokenSource(StartLimit);
        string[] settings =
        [
            $"--Data:Directory={_data}",
            $"--WEBHOOK_SECRET_GITHUB={GitHubSecret}",
            $"--WEBHOOK_SECRET_STANDARD={StandardSecret}",
        ];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(settings, limit.Token);
        var application = await builder.BuildAsync(limit.Token);
        await application.StartAsync(limit.Token);
        foreach (var service in new[] { "receiver", "worker", "sender" })
        {
            await application.ResourceNotifications.WaitForResourceHealthyAsync(service, limit.Token);
        }

        return application;
    }
}
