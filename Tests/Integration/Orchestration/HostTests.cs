using System.Net;
using System.Net.Sockets;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

/// <summary>What a person at a terminal sees of the host.</summary>
public sealed class HostTests(GoodDay day) : IClassFixture<GoodDay>
{
    [Fact]
    public void A_start_says_what_a_person_wants_to_know_and_no_more()
    {
        Assert.InRange(day.Output.Count, 1, 39);
        Assert.DoesNotContain(day.Output, line => line.StartsWith("warn:", StringComparison.Ordinal));
        Assert.DoesNotContain(day.Output, line => line.StartsWith("fail:", StringComparison.Ordinal));
        AssertNoStackTrace(day.Output);
        Assert.Contains(day.Output, line => line.StartsWith("  Dashboard  http://localhost:", StringComparison.Ordinal));
    }

    [Fact]
    public void The_dashboard_answers_to_names_of_this_machine_alone() =>
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), day.Dashboard);

    [Fact]
    public void Ctrl_C_leaves_no_process_and_no_port_in_use() =>
        Assert.Equal((0, ""), (day.ExitCode, string.Join('\n', day.Left)));

    [Fact]
    public void No_secret_is_in_a_file_of_the_home_or_the_temporary_folder() => Assert.Empty(day.FilesWithSecrets);

    [Fact]
    public void No_secret_is_on_a_command_line_or_on_the_console()
    {
        Assert.True(day.Commands.Count > 10, $"{day.Commands.Count} processes");
        foreach (var secret in RunningApp.Secrets.Values)
        {
            Assert.DoesNotContain(day.Commands.Concat(day.Output), text => text.Contains(secret, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void An_agent_outside_finds_the_stores_while_they_run_and_nobody_but_their_owner_does()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, day.WorkerFileMode);
        Assert.Equal((null, 0), day.Agent);
        Assert.True(day.WorkerFileWasRemoved);
    }

    [Fact]
    public void A_second_host_on_the_same_data_is_refused()
    {
        Assert.Equal(1, day.Second.ExitCode);
        var sentence = $"Another host uses the data in {day.Data}. Stop it, or set Data__Directory to another folder.";
        Assert.Contains(day.Second.Output, line => line.EndsWith(sentence, StringComparison.Ordinal));
        AssertNoStackTrace(day.Second.Output);
    }

    [Fact]
    public async Task A_busy_port_is_one_line_and_exit_code_1()
    {
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

        await using var host = HostProcess.Start(day.Data);

        Assert.Equal(1, await host.WaitForEndAsync());
        Assert.Contains(
            "Port 5101 (receiver) is in use. Stop what uses it, or change Receiver/Properties/launchSettings.json.",
            host.Output,
            StringComparer.Ordinal);
        AssertNoStackTrace(host.Output);
    }

    [Fact]
    public async Task A_missing_server_is_named_and_ends_the_host_with_exit_code_1()
    {
        var data = Directory.CreateTempSubdirectory("webhooks-");
        try
        {
            var version = Path.Combine(data.CreateSubdirectory("postgres").FullName, "PG_VERSION");
            await File.WriteAllTextAsync(version, "7\n", TestContext.Current.CancellationToken);

            await using var host = HostProcess.StartOnFreePorts(data.FullName);

            Assert.Equal(1, await host.WaitForEndAsync());
            Assert.Contains(
                "postgres ended with exit code 1. Stopping: nothing works without it.", host.Output, StringComparer.Ordinal);
            var reason = host.Output.Single(
                line => line.StartsWith("  postgres: No PostgreSQL 7 server found", StringComparison.Ordinal));
            Assert.Contains("Install it", reason, StringComparison.Ordinal);
            AssertNoStackTrace(host.Output);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_service_that_ends_says_why_on_the_console_and_the_others_go_on()
    {
        var data = Directory.CreateTempSubdirectory("webhooks-");
        try
        {
            await using var host = HostProcess.StartOnFreePorts(data.FullName, ("Webhooks__Intake__BatchSize", "-7"));

            await host.WaitForLineAsync("receiver crashed or was killed. All else goes on.");
            await host.WaitForLineAsync("Webhooks:Intake:BatchSize");
            host.Interrupt();
            Assert.Equal(0, await host.WaitForEndAsync());
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    internal static void AssertNoStackTrace(IEnumerable<string> output) =>
        Assert.DoesNotContain(output, text => text.Contains("   at ", StringComparison.Ordinal));
}
