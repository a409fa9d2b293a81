using System.Collections.Concurrent;
using System.Diagnostics;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>A service as a process of its own, which can be killed, stopped and continued like any other.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = [];
    private readonly Task _reading;

    private ServiceProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    /// <summary>The Worker as built, and the folder where its appsettings are.</summary>
    public static (string Assembly, string Folder) WorkerFiles =>
        (typeof(PlaybookCatalog).Assembly.Location, Path.GetDirectoryName(new Projects.Worker().ProjectPath)!);

    public string Output => string.Join('\n', _output);

    public static ServiceProcess Receiver(string database, string redis, params (string Key, string Value)[] settings) =>
        Start(typeof(SourceCatalog), new Projects.Receiver().ProjectPath, database, redis, settings);

    public static ServiceProcess Worker(string database, string redis, params (string Key, string Value)[] settings) =>
        Start(typeof(PlaybookCatalog), new Projects.Worker().ProjectPath, database, redis, settings);

    public static ServiceProcess Sender(string database, string redis, params (string Key, string Value)[] settings) =>
        Start(typeof(DeliveryClient), new Projects.Sender().ProjectPath, database, redis, settings);

    /// <summary>
    /// A service from its published output, in Production, with these settings and nothing else of this process's environment.
    /// </summary>
    public static ServiceProcess Published(string folder, string service, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", [$"{service}.dll"])
        {
            WorkingDirectory = Path.Combine(folder, service), UseShellExecute = false, RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var key in start.Environment.Keys.Except(["PATH", "HOME", "DOTNET_ROOT"], StringComparer.Ordinal).ToList())
        {
            start.Environment.Remove(key);
        }

        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        return new ServiceProcess(Process.Start(start)!);
    }

    /// <summary>SIGTERM: it finishes what runs, and ends. Returns its exit code.</summary>
    public Task<int> StopAsync()
    {
        _process.Signal(Signals.Terminate);
        return EndedAsync();
    }

    /// <summary>The Console, which has no stores.</summary>
    public static ServiceProcess Console(params (string Key, string Value)[] settings) =>
        Start(AppHost.Services.ProgramOf<Projects.Console>(), new Projects.Console().ProjectPath, settings);

    /// <summary>SIGKILL: it ends at once and settles nothing.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>SIGSTOP: it stands still and notices nothing, as when its machine is suspended.</summary>
    public void Freeze() => _process.Signal(Signals.Stop);

    public void Thaw() => _process.Signal(Signals.Continue);

    /// <summary>Waits until it has written the text.</summary>
    public Task WroteAsync(string text) => Eventually.HoldsAsync($"the process writes '{text}'", () =>
        _process.HasExited
            ? throw new InvalidOperationException($"The process has ended:\n{Output}")
            : Task.FromResult(_output.Any(line => line.Contains(text, StringComparison.Ordinal))));

    /// <summary>Where it listens, once it does.</summary>
    public async Task<Uri> AddressAsync()
    {
        const string Listening = "Now listening on: ";
        await WroteAsync(Listening);
        var line = _output.First(each => each.Contains(Listening, StringComparison.Ordinal));
        return new Uri(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Trim().Split('"', ' ')[0]);
    }

    /// <summary>Waits until it has ended by itself and all that it wrote is there, and returns its exit code.</summary>
    public async Task<int> EndedAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Eventually.Limit);
        await _reading;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        await _reading;
        _process.Dispose();
    }

    private static ServiceProcess Start(
        Type marker, string project, string database, string redis, (string Key, string Value)[] settings) => Start(
        marker.Assembly.Location, project,
        [("ConnectionStrings__webhooks", database), ("ConnectionStrings__redis", redis), .. settings]);

    private static ServiceProcess Start(string program, string project, (string Key, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [program])
        {
            // Its appsettings are beside its project.
            WorkingDirectory = Path.GetDirectoryName(project),
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (string Key, string Value)[] all =
        [
            ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"), .. settings,
        ];
        foreach (var (key, value) in all)
        {
            start.Environment[key] = value;
        }

        return new ServiceProcess(Process.Start(start)!);
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            _output.Enqueue(line);
        }
    }
}
