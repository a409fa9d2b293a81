using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

/// <summary>The AppHost as a person starts it: a process of its own, whose console this reads.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task _output;

    private HostProcess(Process process)
    {
        _process = process;
        // The watchdog holds the host's output too: its end is the end of everything that the host started.
        _output = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError))
            .ContinueWith(_ => _lines.Writer.Complete(), TaskScheduler.Default);
    }

    public int Id => _process.Id;

    public ConcurrentQueue<string> Output { get; } = new();

    /// <summary>Processes that the host started, and theirs.</summary>
    public IReadOnlyList<int> Descendants => [.. Below(_process.Id, ParentsOfAll())];

    public static HostProcess Start(string dataDirectory, params string[] arguments)
    {
        var assembly = typeof(Projects.AppHost).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [assembly, $"--Data:Directory={dataDirectory}", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in RunningApp.Secrets)
        {
            start.Environment[name] = value;
        }

        return new HostProcess(Process.Start(start)!);
    }

    public static HostProcess StartOnFreePorts(string dataDirectory) => Start(dataDirectory, "--DcpPublisher:RandomizePorts=true");

    /// <summary>Returns the first line with the text; fails with the whole output when there is none.</summary>
    public async Task<string> WaitForLineAsync(string text, CancellationToken cancellationToken)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(cancellationToken))
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The host never wrote '{text}':\n{string.Join('\n', Output)}");
    }

    /// <summary>Waits until host and watchdog have ended, and returns the host's exit code.</summary>
    public async Task<int> WaitForEndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _output.WaitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public void Kill() => _process.Kill();

    /// <summary>What Ctrl-C sends.</summary>
    public void Interrupt() => Assert.Equal(0, kill(_process.Id, 2));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await WaitForEndAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static IEnumerable<int> Below(int parent, ILookup<int, int> children) =>
        children[parent].SelectMany(child => Below(child, children).Prepend(child));

    private static ILookup<int, int> ParentsOfAll() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
        .Where(pid => pid > 0)
        .ToLookup(ParentOf);

    private static int ParentOf(int pid)
    {
        try
        {
            var status = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal));
            return int.Parse(status["PPid:".Length..]);
        }
        catch (IOException)
        {
            // It has ended since the folder was listed.
            return 0;
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            Output.Enqueue(line);
            _lines.Writer.TryWrite(line);
        }
    }

#pragma warning disable SYSLIB1054, CA5392 // No unsafe code for the sake of one call to libc, which has one place to come from.
    [DllImport("libc")]
    private static extern int kill(int pid, int signal);
#pragma warning restore SYSLIB1054, CA5392
}
