using System.Diagnostics;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Worker.Mcp;

public sealed class McpProcessTests(TestStack stack)
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Standard_output_carries_the_protocol_and_nothing_else_and_the_server_ends_with_its_input()
    {
        using var process = Start(await stack.NewDatabaseAsync(), ["mcp"], ("Logging__LogLevel__Default", "Trace"));
        var log = process.StandardError.ReadToEndAsync(Cancellation);

        var (initialized, listed) = (await CallAsync(process, Initialize), await CallAsync(process, Call(2, "list_tasks")));
        var failed = await CallAsync(process, Call(3, "claim_task"));
        process.StandardInput.Close();

        Assert.Equal("", await process.StandardOutput.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(
            [1, 2, 3], new[] { initialized, listed, failed }.Select(answer => answer.GetProperty("id").GetInt32()));
        Assert.True(failed.GetProperty("result").GetProperty("isError").GetBoolean());
        Assert.Contains("Application started", await log, StringComparison.Ordinal);
        Assert.DoesNotContain("Now listening", await log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_while_the_database_is_away_says_so_and_the_session_goes_on()
    {
        await using var relay = new Relay(new NpgsqlConnectionStringBuilder(await stack.DatabaseAsync()).Port);
        var database = Stack.Services.ThroughPort(await stack.NewDatabaseAsync(), relay.Port);
        using var process = Start(database, ["mcp"]);
        var log = process.StandardError.ReadToEndAsync(Cancellation);
        await CallAsync(process, Initialize);
        Assert.False(IsError(await CallAsync(process, Call(2, "list_tasks"))));

        relay.Cut();
        var away = await CallAsync(process, Call(3, "list_tasks"));
        relay.Restore();

        Assert.True(IsError(away));
        Assert.Contains("The database does not answer.", away.GetRawText(), StringComparison.Ordinal);
        var id = 4;
        await Eventually.HoldsAsync("the database answers again", async () => !IsError(await CallAsync(process, Call(id++, "list_tasks"))));
        process.StandardInput.Close();
        await log;
        await process.WaitForExitAsync(Cancellation);
    }

    [Fact]
    public async Task Settings_that_make_no_sense_stop_the_start_by_their_key()
    {
        using var process = Start(await stack.DatabaseAsync(), ["mcp"], ("Webhooks__Playbooks__outside__Agent", "external"));

        var (output, log) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);

        Assert.Equal((1, ""), (process.ExitCode, await output));
        Assert.Contains("Webhooks:Playbooks:outside:Merchant is not set.", await log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--name", "two words")]
    [InlineData("--name", "")]
    [InlineData("--port", "1")]
    public async Task A_command_line_that_makes_no_sense_is_refused(string option, string value)
    {
        using var process = Start(await stack.DatabaseAsync(), ["mcp", option, value]);

        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        var log = await process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);

        Assert.Equal((2, ""), (process.ExitCode, await output));
        Assert.Contains(option, log, StringComparison.Ordinal);
    }

    private static string Call(int id, string tool) =>
        JsonSerializer.Serialize(new { jsonrpc = "2.0", id, method = "tools/call", @params = new { name = tool, arguments = new { } } });

    private static bool IsError(JsonElement answer) =>
        answer.GetProperty("result").TryGetProperty("isError", out var error) && error.GetBoolean();

    private static async Task<JsonElement> CallAsync(Process process, string request)
    {
        await process.StandardInput.WriteLineAsync(request);
        await process.StandardInput.FlushAsync(Cancellation);
        return JsonElement.Parse((await process.StandardOutput.ReadLineAsync(Cancellation))!);
    }

    private static Process Start(string database, string[] arguments, params (string Key, string Value)[] settings)
    {
        var (assembly, folder) = ServiceProcess.WorkerFiles;
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments])
        {
            WorkingDirectory = folder, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        (string Key, string Value)[] all = [("ASPNETCORE_ENVIRONMENT", "Development"), ("ConnectionStrings__webhooks", database), .. settings];
        foreach (var (key, value) in all)
        {
            start.Environment[key] = value;
        }

        return Process.Start(start)!;
    }
}
