using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Jobs;

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
        Assert.Equal(4, await Sql.CountAsync(database, "webhooks.schema_versions"));
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    private static async Task<IAsyncDisposable> Start<T>(Task<T> starting)
        where T : IAsyncDisposable => await starting;
}
