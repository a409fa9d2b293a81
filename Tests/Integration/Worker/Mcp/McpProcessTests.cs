using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Worker.Mcp;

public sealed class McpProcessTests(TestStack stack)
{
    [Fact]
    public async Task Standard_output_carries_the_protocol_and_nothing_else_and_the_server_ends_with_its_input()
    {
        using var server = McpServer.Start([], Database(await stack.NewDatabaseAsync()), ("Logging__LogLevel__Default", "Trace"));

        await server.InitializeAsync();
        Assert.False(McpServer.IsError(await server.CallAsync("list_tasks")));
        Assert.True(McpServer.IsError(await server.CallAsync("claim_task")));

        Assert.Equal((0, ""), await server.EndAsync());
        Assert.Contains("Application started", await server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("Now listening", await server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_while_the_database_is_away_says_so_and_the_session_goes_on()
    {
        var direct = await stack.NewDatabaseAsync();
        await using var relay = new Relay(new NpgsqlConnectionStringBuilder(direct).Port);
        using var server = McpServer.Start([], Database(Stack.Services.ThroughPort(direct, relay.Port)));
        await server.InitializeAsync();
        Assert.False(McpServer.IsError(await server.CallAsync("list_tasks")));

        relay.Cut();
        var away = await server.CallAsync("list_tasks");
        relay.Restore();

        Assert.True(McpServer.IsError(away));
        Assert.Contains("The database does not answer.", away.GetRawText(), StringComparison.Ordinal);
        await Eventually.HoldsAsync(
            "the database answers again", async () => !McpServer.IsError(await server.CallAsync("list_tasks")));
        Assert.Equal((0, ""), await server.EndAsync());
    }

    [Fact]
    public async Task Settings_that_make_no_sense_stop_the_start_by_their_key()
    {
        using var server = McpServer.Start(
            [], Database(await stack.DatabaseAsync()), ("Webhooks__Playbooks__outside__Agent", "external"));

        Assert.Equal((1, ""), await server.EndAsync());
        Assert.Contains("Webhooks:Playbooks:outside:Merchant is not set.", await server.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Development", "ConnectionStrings:webhooks is not set, and ./run.sh is not running.")]
    [InlineData("Production", "ConnectionStrings:webhooks is not set.")]
    public async Task Without_a_database_there_is_nothing_to_serve(string environment, string error)
    {
        using var server = McpServer.Start([], ("ASPNETCORE_ENVIRONMENT", environment), ("Data__Directory", "/nowhere"));

        Assert.Equal((1, ""), await server.EndAsync());
        Assert.Contains(error, await server.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--name", "two words")]
    [InlineData("--name", "")]
    [InlineData("--port", "1")]
    public async Task A_command_line_that_makes_no_sense_is_refused(string option, string value)
    {
        using var server = McpServer.Start([option, value], Database(await stack.DatabaseAsync()));

        Assert.Equal((2, ""), await server.EndAsync());
        Assert.Contains(option, await server.Log, StringComparison.Ordinal);
    }

    private static (string Key, string Value) Database(string connection) => ("ConnectionStrings__webhooks", connection);
}
