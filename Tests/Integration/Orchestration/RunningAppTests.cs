using Aspire.Hosting.Testing;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

public sealed class RunningAppTests(TestStack stack)
{
    [Fact]
    public async Task Everything_starts_healthy_and_is_reached_by_its_name()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var application = await stack.ApplicationAsync();

        foreach (var service in (string[])["receiver", "worker", "sender"])
        {
            using var client = application.CreateHttpClient(service, "http");
            using var response = await client.GetAsync(new Uri("/health", UriKind.Relative), cancellation);
            Assert.True(response.IsSuccessStatusCode, service);
        }

        await using var database = NpgsqlDataSource.Create(await stack.DatabaseAsync());
        await using var query = database.CreateCommand("SHOW fsync");
        Assert.Equal("on", await query.ExecuteScalarAsync(cancellation));
        Assert.Contains("password=", await stack.RedisAsync(), StringComparison.Ordinal);
    }
}
