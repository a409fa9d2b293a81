using Aspire.Hosting.Testing;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

public sealed class RunningAppTests
{
    [Fact]
    public async Task Everything_starts_healthy_and_is_reached_by_its_name()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var running = await RunningApp.StartAsync(cancellation);

        foreach (var service in (string[])["receiver", "worker", "sender"])
        {
            using var client = running.App.CreateHttpClient(service, "http");
            using var response = await client.GetAsync(new Uri("/health", UriKind.Relative), cancellation);
            Assert.True(response.IsSuccessStatusCode, service);
        }

        await using var database = NpgsqlDataSource.Create(await running.DatabaseAsync());
        await using var query = database.CreateCommand("SHOW fsync");
        Assert.Equal("on", await query.ExecuteScalarAsync(cancellation));
        Assert.Contains("password=", await running.RedisAsync(), StringComparison.Ordinal);
    }
}
