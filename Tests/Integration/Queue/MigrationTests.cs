using Aspire.Webhooks.Tests.Stack;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace Aspire.Webhooks.Tests.Integration.Queue;

public sealed class MigrationTests(TestStack stack)
{
    // Each host is handed out when it is ready, which it is when its migration is done.
    [Fact]
    public async Task Services_that_start_together_on_an_empty_database_all_become_ready()
    {
        var database = await stack.NewDatabaseAsync();
        var redis = await stack.RedisAsync();

        var hosts = await Task.WhenAll<IAsyncDisposable>(
        [
            Start(Services.ReceiverAsync(database, redis)), Start(Services.ReceiverAsync(database, redis)),
            Start(Services.WorkerAsync(database, redis)), Start(Services.WorkerAsync(database, redis)),
            Start(Services.SenderAsync(database, redis)), Start(Services.SenderAsync(database, redis)),
        ]);

        Assert.Equal(1, await Sql.CountAsync(database, "webhooks.ledger"));
        Assert.Equal(5, await Sql.CountAsync(database, "webhooks.schema_versions"));
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_latest_migrations_can_be_taken_back_and_made_again_and_leaves_endpoints_inactive()
    {
        var database = await stack.NewDatabaseAsync();
        await Tables.CreateAsync(database);
        var endpoint = await Tables.AddEndpointAsync(database, "acme", new Uri("https://example.com/hooks"));
        foreach (var migration in (Migration[])[new Storage.Migrations.Queue(), new Storage.Migrations.Sender()])
        {
            foreach (var operation in migration.DownOperations.Cast<SqlOperation>())
            {
                await Sql.ExecuteAsync(database, operation.Sql);
            }
        }

        await Sql.ExecuteAsync(database, """delete from webhooks.schema_versions where "MigrationId" > '0004'""");
        Assert.Equal("", await Sql.ScalarAsync<string>(database, $"select secret from webhooks.endpoints where id = '{endpoint}'"));
        await Tables.CreateAsync(database);

        Assert.Equal("merchant", await Sql.ScalarAsync<string>(database, $"select disabled_reason from webhooks.endpoints where id = '{endpoint}' and not active"));
        Assert.Equal(0, await Sql.CountAsync(database, "webhooks.endpoint_secrets"));
    }

    private static async Task<IAsyncDisposable> Start<T>(Task<T> starting)
        where T : IAsyncDisposable => await starting;
}
