using System.Diagnostics;
using Aspire.Webhooks.Sender.Delivery;

namespace Aspire.Webhooks.Bench;

/// <summary>The Sender, as built, as a process of its own.</summary>
internal sealed class SenderProcess : IAsyncDisposable
{
    private readonly Process _process;

    private SenderProcess(Process process) => _process = process;

    public static SenderProcess Start(ThrowAwayStores stores, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(DeliveryClient).Assembly.Location]) { UseShellExecute = false, RedirectStandardOutput = true };
        var all = new Dictionary<string, string>(settings, StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["ConnectionStrings__webhooks"] = stores.Postgres,
            ["ConnectionStrings__redis"] = stores.Redis,
            // What an attempt log costs in a container goes to a collector, not to a terminal.
            ["Logging__LogLevel__Default"] = "Warning",
        };
        foreach (var (key, value) in all)
        {
            start.Environment[key] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginOutputReadLine();
        return new(process);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
