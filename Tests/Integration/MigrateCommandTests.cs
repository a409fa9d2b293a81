using System.Net;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>An installation whose services may not change the schema.</summary>
public sealed class MigrateCommandTests(TestStack stack)
{
    [Fact]
    public async Task A_service_that_may_not_update_the_schema_waits_for_the_command_that_does()
    {
        var database = await stack.NewEmptyDatabaseAsync();
        await using var receiver = ServiceProcess.Receiver(
            database, await stack.RedisAsync(),
            [
                ("Webhooks__Storage__Migrate", "never"),
                .. Services.Settings("", "").Where(setting => setting.Key.StartsWith("WEBHOOK_SECRET_", StringComparison.Ordinal))
                    .Select(setting => (setting.Key, setting.Value)),
            ]);
        using var client = new HttpClient { BaseAddress = await receiver.AddressAsync() };
        await receiver.WroteAsync("Waiting for the command migrate");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await GetAsync(client));
        Assert.False(await Sql.ScalarAsync<bool>(
            database, "select exists (select from pg_namespace where nspname = 'webhooks')"));

        var migrated = await MigrateAsync(database);

        Assert.Equal((0, ""), (migrated.ExitCode, migrated.Errors));
        Assert.Contains("The schema is up to date.", migrated.Output, StringComparison.Ordinal);
        await Eventually.HoldsAsync("the service is ready", async () => await GetAsync(client) == HttpStatusCode.OK);
        Assert.Equal(0, (await MigrateAsync(database)).ExitCode);
    }

    [Fact]
    public async Task Without_a_database_the_command_fails_with_the_reason()
    {
        var migrated = await MigrateAsync("Host=127.0.0.1;Port=1;Timeout=1");

        Assert.Equal(1, migrated.ExitCode);
        Assert.Contains("127.0.0.1:1", migrated.Errors, StringComparison.Ordinal);
    }

    private static Task<FinishedProcess> MigrateAsync(string database) => FinishedProcess.RunAsync(
        typeof(SourceCatalog).Assembly.Location, ["migrate"],
        start => start.Environment["ConnectionStrings__webhooks"] = database);

    private static async Task<HttpStatusCode> GetAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
