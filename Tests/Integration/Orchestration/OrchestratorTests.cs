using System.Diagnostics;
using Aspire.Webhooks.AppHost;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

/// <summary>Several applications in one process, each with an orchestrator of its own.</summary>
public sealed class OrchestratorTests : IDisposable
{
    // No process has this id.
    private const int Host = int.MaxValue;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dcp-");
    private readonly List<Process> _started = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_application_watches_the_orchestrator_that_was_started_after_it()
    {
        var first = await StartAsync();
        var application = new Orchestrator(Host);
        Assert.Empty(application.Running());
        var second = await StartAsync();
        Assert.Equal([second.Id], application.Running());
        var ended = application.EndedAsync(Cancellation);

        await EndAsync(first);
        Assert.Equal([second.Id], application.Running());
        Assert.False(ended.IsCompleted);

        await EndAsync(second);
        await ended;
        Assert.Empty(application.Running());
    }

    public void Dispose()
    {
        foreach (var process in _started)
        {
            process.Kill();
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private static async Task EndAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync(Cancellation);
    }

    // A shell under dcp's name, with dcp's arguments, which waits for a line that never comes.
    private async Task<Process> StartAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "start-apiserver"), "echo started; read line", Cancellation);
        var start = new ProcessStartInfo("bash", ["-c", $"exec -a dcp bash start-apiserver --monitor {Host}"])
        {
            WorkingDirectory = _folder.FullName, UseShellExecute = false, RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        _started.Add(process);
        await process.StandardOutput.ReadLineAsync(Cancellation);
        return process;
    }
}
