using System.Security.Cryptography;
using Aspire.Hosting;
using Microsoft.EntityFrameworkCore;
using Npgsql;

[assembly: AssemblyFixture(typeof(Aspire.Webhooks.Tests.Stack.TestStack))]

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>
/// One <see cref="RunningApp"/> for all tests of a run. It starts when the first test asks for it, so that unit tests
/// alone start nothing.
/// </summary>
public sealed class TestStack : IAsyncLifetime
{
    private readonly Lazy<Task<RunningApp>> _running = new(() => RunningApp.StartAsync(CancellationToken.None));
    private readonly Lazy<Task<string>> _template;

    public TestStack() => _template = new(NewTemplateAsync);

    public async Task<DistributedApplication> ApplicationAsync() => (await _running.Value).App;

    /// <summary>The connection string of the stack's own database.</summary>
    public async Task<string> DatabaseAsync() => await (await _running.Value).DatabaseAsync();

    public async Task<string> RedisAsync() => await (await _running.Value).RedisAsync();

    /// <summary>A new database with the schema on the stack's server, for a test that wants the tables to itself.</summary>
    public async Task<string> NewDatabaseAsync() =>
        await NewDatabaseAsync($"template {await _template.Value} strategy file_copy");

    /// <summary>The same without the schema.</summary>
    public Task<string> NewEmptyDatabaseAsync() => NewDatabaseAsync("");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        // A stack that did not start has cleaned up after itself and failed the tests that asked for it.
        if (_running is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _running.Value).DisposeAsync();
        }
    }

    private async Task<string> NewDatabaseAsync(string options)
    {
        var name = $"test_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        var shared = await DatabaseAsync();
        await Sql.ExecuteAsync(shared, $"create database {name} {options}");

        // Each database has pools of its own in this process; what they keep counts against the server's limit.
        return new NpgsqlConnectionStringBuilder(
            shared) { Database = name, ConnectionIdleLifetime = 5, ConnectionPruningInterval = 1 }.ConnectionString;
    }

    // A run makes a thousand databases. The migration of one takes Postgres 350 ms of processor time, a copy of its files 45 ms.
    // Nobody may be connected to what is copied.
    private async Task<string> NewTemplateAsync()
    {
        var database = new NpgsqlConnectionStringBuilder(await NewEmptyDatabaseAsync()) { Pooling = false };
        await using var db = Tables.Open(database.ConnectionString);
        await db.Database.MigrateAsync();
        return database.Database!;
    }
}
