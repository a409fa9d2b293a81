using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Threading.Channels;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

/// <summary>The AppHost as a person starts it: a process of its own, with the dashboard, whose console this reads.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    /// <summary>Enough for a start on a busy machine.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly string _mark;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task _output;

    private HostProcess(Process process, string mark)
    {
        _process = process;
        _mark = mark;
        _output = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError))
            .ContinueWith(_ => _lines.Writer.Complete(), TaskScheduler.Default);
    }

    public ConcurrentQueue<string> Output { get; } = new();

    private static string ProjectFolder => Projects.AppHost.ProjectPath;

    /// <summary>Starts the built AppHost with the ports of the launch settings.</summary>
    public static HostProcess Start(string dataDirectory, params (string Key, string Value)[] environment)
    {
        var assembly = typeof(Projects.AppHost).Assembly;
        var built = Path.Combine(ProjectFolder, AppHost.Services.Metadata("ServiceOutput"), Path.GetFileName(assembly.Location));
        return Start([built, $"--Data:Directory={dataDirectory}"], [.. LaunchSettings, .. environment]);
    }

    public static HostProcess StartOnFreePorts(string dataDirectory, params (string Key, string Value)[] environment) =>
        Start(dataDirectory, [("DcpPublisher__RandomizePorts", "true"), .. environment]);

    /// <summary>Starts it by <c>dotnet run</c>, which is this process's child then.</summary>
    public static HostProcess StartByDotnetRun(string dataDirectory) => Start(
        ["run", "--project", ProjectFolder, "--no-build", "--", $"--Data:Directory={dataDirectory}"],
        [("DcpPublisher__RandomizePorts", "true")]);

    /// <summary>Returns the first line with the text; fails with the whole output when there is none.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(StartLimit);
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(limit.Token))
            {
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return line;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told below.
        }

        throw new InvalidOperationException($"The host never wrote '{text}':\n{string.Join('\n', Output)}");
    }

    public Task WaitForReadyAsync() => WaitForLineAsync("Ready after");

    /// <summary>Waits until the host has ended and all that it wrote is there, and returns its exit code.</summary>
    public async Task<int> WaitForEndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(StartLimit);
        await _output.WaitAsync(StartLimit);
        return _process.ExitCode;
    }

    public void Kill() => _process.Kill();

    /// <summary>What Ctrl-C sends.</summary>
    public void Interrupt() => _process.Signal(Signals.Interrupt);

    /// <summary>
    /// The host with all that it started, and all that they started, whoever their parents are now, as far as they still run.
    /// </summary>
    public IReadOnlyList<RunningProcess> Processes()
    {
        var all = RunningProcess.All();
        var children = all.ToLookup(process => process.Parent);
        var found = new Dictionary<int, RunningProcess>();
        foreach (var process in all.Where(process => process.HasEnvironment(_mark)))
        {
            Add(process);
        }

        return [.. found.Values];

        void Add(RunningProcess process)
        {
            if (found.TryAdd(process.Id, process))
            {
                foreach (var child in children[process.Id])
                {
                    Add(child);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        await Eventually.HoldsAsync("all that the host started has ended", () => Task.FromResult(Processes().Count == 0));
        _process.Dispose();
    }

    private static (string Key, string Value)[] LaunchSettings =>
    [
        ("DOTNET_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://localhost:18888"),
        ("ASPIRE_ALLOW_UNSECURED_TRANSPORT", "true"), ("ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS", "true"),
    ];

    private static HostProcess Start(string[] arguments, (string Key, string Value)[] environment)
    {
        // As `dotnet run` does: its settings are beside the project.
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = ProjectFolder, UseShellExecute = false, RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var mark = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        (string Key, string Value)[] all =
        [
            .. RunningApp.Secrets.Select(secret => (secret.Key, secret.Value)), ("WEBHOOKS_TEST_MARK", mark), .. environment,
        ];
        foreach (var (key, value) in all)
        {
            start.Environment[key] = value;
        }

        return new(Process.Start(start)!, $"WEBHOOKS_TEST_MARK={mark}");
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            Output.Enqueue(line);
            _lines.Writer.TryWrite(line);
        }
    }
}
