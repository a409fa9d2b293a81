using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

/// <summary>What a person at a terminal sees of the host.</summary>
public sealed class HostTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("webhooks-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task Ctrl_C_stops_in_reverse_order_and_leaves_no_process()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var host = HostProcess.StartOnFreePorts(_data.FullName);
        await host.WaitForLineAsync("Ready after", cancellation);
        var started = host.Descendants;

        host.Interrupt();

        Assert.Equal(0, await host.WaitForEndAsync(cancellation));
        var output = host.Output.ToList();
        var services = output.FindLastIndex(line => line.Contains("Application is shutting down", StringComparison.Ordinal));
        var redis = output.FindIndex(line => line.Contains("Redis is now ready to exit", StringComparison.Ordinal));
        var postgres = output.FindIndex(line => line.Contains("received fast shutdown request", StringComparison.Ordinal));
        Assert.True(0 < services && services < redis && redis < postgres, string.Join('\n', output));
        await AssertAllEndedAsync(started, cancellation);
    }

    [Fact]
    public async Task An_agent_outside_finds_the_stores_while_they_run_and_nobody_but_their_owner_does()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var host = HostProcess.StartOnFreePorts(_data.FullName);
        await host.WaitForLineAsync("Ready after", cancellation);
        var file = Path.Combine(_data.FullName, "worker.json");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode);

        using var agent = McpServer.Start([], ("Data__Directory", _data.FullName));
        await agent.InitializeAsync();
        var tasks = await agent.CallAsync("list_tasks");
        Assert.False(McpServer.IsError(tasks), tasks.GetRawText());
        Assert.Equal((0, ""), await agent.EndAsync());

        host.Interrupt();
        Assert.Equal(0, await host.WaitForEndAsync(cancellation));
        Assert.False(File.Exists(file));
        Assert.DoesNotContain(host.Output, line => line.Contains(RunningApp.Secrets["POSTGRES_PASSWORD"], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_killed_host_leaves_no_process_and_its_data_starts_again()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using (var killed = HostProcess.StartOnFreePorts(_data.FullName))
        {
            await killed.WaitForLineAsync("Ready after", cancellation);
            var started = killed.Descendants;
            // Watchdog, Postgres and its workers, Redis, three services.
            Assert.True(started.Count > 8, $"{started.Count} processes");

            killed.Kill();

            await killed.WaitForEndAsync(cancellation);
            await AssertAllEndedAsync(started, cancellation);
        }

        await using var next = HostProcess.StartOnFreePorts(_data.FullName);
        await next.WaitForLineAsync("Ready after", cancellation);
        Assert.DoesNotContain(next.Output, line => line.Contains("Creating the database", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Killed_servers_leave_data_that_starts_again()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using (var host = HostProcess.StartOnFreePorts(_data.FullName))
        {
            await host.WaitForLineAsync("Ready after", cancellation);
            foreach (var pid in host.Descendants.Where(pid => CommandOf(pid).Contains("bin/postgres", StringComparison.Ordinal)))
            {
                Process.GetProcessById(pid).Kill();
            }

            await host.WaitForLineAsync("postgres was killed by signal 9", cancellation);
        }

        Assert.True(File.Exists(Path.Combine(_data.FullName, "postgres", "postmaster.pid")));
        await using var next = HostProcess.StartOnFreePorts(_data.FullName);
        await next.WaitForLineAsync("Ready after", cancellation);
    }

    [Fact]
    public async Task A_second_host_on_the_same_data_is_refused()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var first = HostProcess.StartOnFreePorts(_data.FullName);
        await first.WaitForLineAsync("Ready after", cancellation);

        await using var second = HostProcess.StartOnFreePorts(_data.FullName);

        var line = await second.WaitForLineAsync("Another host uses the data", cancellation);
        Assert.EndsWith($"Another host uses the data in {_data.FullName}. Stop it, or set Data__Directory to another folder.", line, StringComparison.Ordinal);
        Assert.Equal(1, await second.WaitForEndAsync(cancellation));
        Assert.DoesNotContain(second.Output, text => text.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_busy_port_is_one_line_and_exit_code_1()
    {
        var cancellation = TestContext.Current.CancellationToken;
        // Whoever holds the port, this test or somebody else, it is busy.
        using var listener = new TcpListener(IPAddress.Loopback, 5101);
        try
        {
            listener.Start();
        }
        catch (SocketException)
        {
            listener.Stop();
        }

        await using var host = HostProcess.Start(_data.FullName);

        Assert.Equal(1, await host.WaitForEndAsync(cancellation));
        Assert.Contains(
            "Port 5101 (receiver) is in use. Stop what uses it, or change Receiver/Properties/launchSettings.json.",
            host.Output,
            StringComparer.Ordinal);
        Assert.DoesNotContain(host.Output, text => text.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_server_is_named_and_ends_the_host_with_exit_code_1()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(_data.CreateSubdirectory("postgres").FullName + "/PG_VERSION", "7\n", cancellation);

        await using var host = HostProcess.StartOnFreePorts(_data.FullName);

        Assert.Contains("Install it", await host.WaitForLineAsync("No PostgreSQL 7 server found", cancellation), StringComparison.Ordinal);
        await host.WaitForLineAsync("webhooks cannot start without postgres. Stopping.", cancellation);
        Assert.Equal(1, await host.WaitForEndAsync(cancellation));
    }

    [Fact]
    public async Task No_password_shows_on_a_command_line()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var host = HostProcess.StartOnFreePorts(_data.FullName);
        await host.WaitForLineAsync("Ready after", cancellation);

        var commands = string.Join('\n', host.Descendants.Select(CommandOf));

        Assert.All(RunningApp.Secrets.Values, secret => Assert.DoesNotContain(secret, commands, StringComparison.Ordinal));
    }

    private static string CommandOf(int pid) => File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ');

    // A signal for the end of a process that is nobody's child here does not exist: this looks again and again.
    private static async Task AssertAllEndedAsync(IReadOnlyList<int> processes, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (processes.Any(Runs))
        {
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }

    private static bool Runs(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
