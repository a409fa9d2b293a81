using Aspire.Webhooks.Tests.Stack;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Aspire.Webhooks.Tests.Integration.Queue;

public sealed class MigrationTests(TestStack stack)
{
    private const string OurTables = "pg_class where relkind = 'r' and relnamespace = 'webhooks'::regnamespace";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Each host is handed out when it is ready, which it is when its migration is done.
    [Fact]
    public async Task Services_that_start_together_on_an_empty_database_all_become_ready()
    {
        var database = await stack.NewEmptyDatabaseAsync();
        var redis = await stack.RedisAsync();

        var hosts = await Task.WhenAll<IAsyncDisposable>(
        [
            Start(Services.ReceiverAsync(database, redis)), Start(Services.ReceiverAsync(database, redis)),
            Start(Services.WorkerAsync(database, redis)), Start(Services.WorkerAsync(database, redis)),
            Start(Services.SenderAsync(database, redis)), Start(Services.SenderAsync(database, redis)),
        ]);

        Assert.Equal(1, await Sql.CountAsync(database, "webhooks.ledger"));
        await using var db = Tables.Open(database);
        Assert.Equal(
            db.Database.GetMigrations(), await db.Database.GetAppliedMigrationsAsync(Cancellation), StringComparer.Ordinal);
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_schema_can_be_taken_back_and_made_again()
    {
        var database = await stack.NewDatabaseAsync();
        await using var db = Tables.Open(database);

        await db.Database.MigrateAsync(Migration.InitialDatabase, Cancellation);
        Assert.Equal(
            "schema_versions", await Sql.ScalarAsync<string>(database, $"select string_agg(relname, ' ') from {OurTables}"));

        await db.Database.MigrateAsync(Cancellation);
        Assert.Equal(1, await Sql.CountAsync(database, "webhooks.ledger"));
    }

    [Fact]
    public async Task Every_table_carries_a_comment_that_says_what_it_is_for()
    {
        var database = await stack.NewDatabaseAsync();

        Assert.Null(await Sql.ScalarAsync<string>(database, $"""
            select string_agg(relname, ' ') from {OurTables} and relname <> 'schema_versions' and obj_description(oid, 'pg_class') is null
            """));
    }

    private static async Task<IAsyncDisposable> Start<T>(Task<T> starting)
        where T : IAsyncDisposable => await starting;
}
