namespace Aspire.Webhooks.Tests.Integration.Orchestration;

/// <summary>Whatever is killed, nothing is left behind, and the next start goes on with the data.</summary>
public sealed class KillTests(KillTests.SharedData data) : IClassFixture<KillTests.SharedData>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_killed_host()
    {
        await using var host = await StartAsync();
        host.Kill();
        await AssertNothingIsLeftAsync(host);
    }

    [Fact]
    public async Task A_killed_dotnet_run()
    {
        await using var host = HostProcess.StartByDotnetRun(data.Folder);
        await host.WaitForReadyAsync();
        host.Kill();
        await AssertNothingIsLeftAsync(host);
    }

    [Theory]
    [InlineData("/postgres -D ", "postgres crashed or was killed. Stopping: nothing works without it.")]
    [InlineData("redis-server ", "redis crashed or was killed. Stopping: nothing works without it.")]
    [InlineData("dcp start-apiserver ", "The orchestrator (dcp) has ended, and with it all that it had started. Stopping.")]
    public async Task What_nothing_works_without_ends_the_host_with_a_sentence_and_exit_code_1(string command, string sentence)
    {
        await using var host = await StartAsync();

        // A child has the command line of its parent until it has its own.
        host.Processes().Where(process => process.Command.Contains(command, StringComparison.Ordinal))
            .MinBy(process => process.Id)!.Kill();

        Assert.Equal(1, await host.WaitForEndAsync());
        Assert.Contains(sentence, host.Output, StringComparer.Ordinal);
        await AssertNothingIsLeftAsync(host);
    }

    private async Task<HostProcess> StartAsync()
    {
        var host = HostProcess.StartOnFreePorts(data.Folder);
        await host.WaitForReadyAsync();
        return host;
    }

    private static async Task AssertNothingIsLeftAsync(HostProcess host)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (host.Processes() is { Count: > 0 } left)
        {
            try
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Left after {Limit.TotalSeconds} s:\n{string.Join('\n', left.Select(process => process.Command))}");
            }
        }
    }

    /// <summary>One folder for all, so that each start is on data that a kill has left.</summary>
    public sealed class SharedData : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("webhooks-");

        public string Folder => _folder.FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
