using System.Diagnostics;

namespace Aspire.Hosting.Running;

/// <summary>A process in a session of its own, known to the watchdog before it does anything.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly Signal _stopSignal;

    private ChildProcess(Process process, Signal stopSignal, Task<int> exited)
    {
        _process = process;
        _stopSignal = stopSignal;
        Exited = exited;
    }

    public int Id => _process.Id;

    /// <summary>The exit code, once the process has ended and its output has been read.</summary>
    public Task<int> Exited { get; }

    public static ChildProcess Start(
        ProcessStartInfo command, Signal stopSignal, Watchdog watchdog, Action<string, bool> onLine)
    {
        var start = new ProcessStartInfo("sh", [Script("start.sh"), command.FileName, .. command.ArgumentList])
        {
            WorkingDirectory = command.WorkingDirectory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        watchdog.Add(process.Id, stopSignal);
        process.StandardInput.WriteLine();
        process.StandardInput.Close();
        return new ChildProcess(process, stopSignal, ReadAsync(process, watchdog, onLine));
    }

    /// <summary>Asks the process to stop and kills it when it has not done so in time.</summary>
    public async Task StopAsync(TimeSpan grace, TimeProvider time)
    {
        _stopSignal.Send(Id);
        if (await Task.WhenAny(Exited, Task.Delay(grace, time)) != Exited)
        {
            Signal.Kill.Send(Id);
        }

        await Exited;
    }

    public void Dispose() => _process.Dispose();

    internal static string Script(string name) => Path.Combine(Projects.AppHost.Directory, "ClosedFeed", "Running", name);

    private static async Task<int> ReadAsync(Process process, Watchdog watchdog, Action<string, bool> onLine)
    {
        var output = Task.WhenAll(
            ReadAsync(process.StandardOutput, line => onLine(line, false)),
            ReadAsync(process.StandardError, line => onLine(line, true)));
        await process.WaitForExitAsync();
        // What the process started may hold the output open: that ends with the process.
        Signal.Kill.Send(process.Id);
        await output;
        watchdog.Remove(process.Id);
        return process.ExitCode;
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            onLine(line);
        }
    }
}
