using System.Diagnostics;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Running;

/// <summary>A process that outlives this one by a moment, to stop what it would leave behind when it is killed.</summary>
internal sealed class Watchdog(IConfiguration configuration) : IDisposable
{
    private readonly Lock _lock = new();
    private Process? _process;

    /// <summary>How long a process may take to stop before it is killed.</summary>
    public TimeSpan Grace { get; } = TimeSpan.FromSeconds(configuration.GetValue("Stop:GraceSeconds", 15));

    public void Add(int pid, Signal signal) => Tell($"+ {pid} {signal.ToString().ToUpperInvariant()}");

    public void Remove(int pid) => Tell($"- {pid}");

    public void Dispose()
    {
        lock (_lock)
        {
            if (_process is null)
            {
                return;
            }

            _process.StandardInput.Close();
            _process.WaitForExit();
            _process.Dispose();
            _process = null;
        }
    }

    private void Tell(string line)
    {
        lock (_lock)
        {
            _process ??= Process.Start(new ProcessStartInfo("sh", [Script, $"{Grace.TotalSeconds}"])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
            })!;
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
    }

    private static string Script => ChildProcess.Script("watchdog.sh");
}
