using System.Diagnostics;

namespace Aspire.Webhooks.Bench;

/// <summary>
/// A process that is measured, or that one of ours is compared with. What it writes goes into a file, as deployed.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    private readonly Process _process;
    private readonly string _log;
    private readonly long _started = TimeProvider.System.GetTimestamp();

    private ChildProcess(Process process, string log, Uri address) => (_process, _log, Address) = (process, log, address);

    /// <summary>Where it was told to listen.</summary>
    public Uri Address { get; }

    /// <summary>From the start until it answered for the first time.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Its resident memory, in MiB.</summary>
    public double Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1024.0 / 1024;
        }
    }

    /// <summary>Starts a command.</summary>
    /// <param name="folder">Where its output goes.</param>
    /// <param name="ready">The path that answers 2xx once it is ready; null when it does not listen.</param>
    /// <param name="settings">Its environment beside ours.</param>
    public static async Task<ChildProcess> StartAsync(
        DirectoryInfo folder, string workingFolder, string command, IEnumerable<string> arguments, Uri address, string? ready,
        IEnumerable<(string Key, string Value)> settings)
    {
        var log = Path.Combine(folder.FullName, $"{Path.GetFileName(command)}-{address.Port}.log");
        var start = new ProcessStartInfo("sh", ["-c", "exec \"$@\" > \"$0\" 2>&1", log, command, .. arguments])
        {
            WorkingDirectory = workingFolder, UseShellExecute = false,
        };
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        var child = new ChildProcess(Process.Start(start)!, log, address);
        try
        {
            if (ready is not null)
            {
                await child.IsReadyAsync(new Uri(address, ready));
            }

            return child;
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until it has ended, and returns what it wrote.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task<string> EndedAsync()
    {
        await _process.WaitForExitAsync();
        var output = await File.ReadAllTextAsync(_log);
        return _process.ExitCode == 0 ? output : throw new InvalidOperationException($"The process failed:\n{output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task IsReadyAsync(Uri url)
    {
        while (true)
        {
            try
            {
                using var answer = await Http.GetAsync(url);
                if (answer.IsSuccessStatusCode)
                {
                    ReadyAfter = TimeProvider.System.GetElapsedTime(_started);
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            if (_process.HasExited || TimeProvider.System.GetElapsedTime(_started) > StartLimit)
            {
                var output = await File.ReadAllTextAsync(_log);
                throw new InvalidOperationException($"{url} does not answer. What its process wrote:\n{output}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
