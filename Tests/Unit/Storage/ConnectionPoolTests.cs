using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Aspire.Webhooks.Tests.Unit.Storage;

public sealed class ConnectionPoolTests
{
    [Theory]
    [InlineData("", 12, 8, 10)]
    [InlineData(";Maximum Pool Size=100", 100, 100, 100)]
    [InlineData(";MaxPoolSize=7", 7, 7, 7)]
    public async Task Pools_leave_room_on_the_server_unless_the_connection_string_says_otherwise(
        string setting, int hot, int queue, int read)
    {
        Assert.Equal([hot, queue, read], (await PoolsAsync(setting)).Select(pool => pool.MaxPoolSize));
    }

    // Only the queue's statements are known to leave nothing in their session.
    [Fact]
    public async Task The_sessions_of_the_queue_alone_are_not_reset()
    {
        Assert.Equal([false, true, false], (await PoolsAsync("")).Select(pool => pool.NoResetOnClose));
    }

    // Else a process that is frozen in a transaction keeps others waiting for its locks.
    [Theory]
    [InlineData("")]
    [InlineData(";Options=-c statement_timeout=5000")]
    public async Task Every_pool_ends_a_transaction_that_idles(string setting)
    {
        var pools = await PoolsAsync(setting);

        Assert.All(
            pools, pool => Assert.Contains("idle_in_transaction_session_timeout=10000", pool.Options, StringComparison.Ordinal));
        Assert.All(
            pools, pool =>
                Assert.Equal(setting.Length > 0, pool.Options!.Contains("statement_timeout=5000", StringComparison.Ordinal)));
    }

    private static async Task<NpgsqlConnectionStringBuilder[]> PoolsAsync(string setting)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:webhooks", $"Host=127.0.0.1;Username=u{setting}")]);
        builder.AddWebhookStorage();
        using var host = builder.Build();
        await using var scope = host.Services.CreateAsyncScope();

        var dataSource = scope.ServiceProvider.GetRequiredService<NpgsqlDataSource>();
        var context = scope.ServiceProvider.GetRequiredService<WebhooksDb>();

        var queue = scope.ServiceProvider.GetRequiredKeyedService<NpgsqlDataSource>(StorageRegistration.Queue);
        return [new(dataSource.ConnectionString), new(queue.ConnectionString), new(context.Database.GetConnectionString())];
    }
}
