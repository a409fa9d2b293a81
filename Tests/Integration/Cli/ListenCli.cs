using System.Collections.Concurrent;
using System.Diagnostics;
using Aspire.Webhooks.Cli;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Cli;

/// <summary>A running <c>listen</c>, as a person starts it.</summary>
internal sealed class ListenCli : IAsyncDisposable
{
    private const string Listening = "Listening on ";

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly Task _reading;

    private ListenCli(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public string Output => string.Join('\n', _lines);

    public Uri Url { get; private set; } = null!;

    public static async Task<ListenCli> StartAsync((string Key, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [typeof(ListenCommand).Assembly.Location, ListenCommand.Name, "--port", "0", .. arguments])
        {
            WorkingDirectory = Path.GetTempPath(),
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var listen = new ListenCli(Process.Start(start)!);
        await listen.PrintedAsync(Listening);
        listen.Url = new Uri(
            listen._lines.First(line => line.StartsWith(Listening, StringComparison.Ordinal))[Listening.Length..].Split(' ')[0]);
        return listen;
    }

    public Task PrintedAsync(string text) => Eventually.HoldsAsync($"it prints '{text}'", () => _process.HasExited
        ? throw new InvalidOperationException($"It has ended:\n{Output}")
        : Task.FromResult(Output.Contains(text, StringComparison.Ordinal)));

    /// <summary>Ctrl-C.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> InterruptAsync()
    {
        _process.Signal(Signals.Interrupt);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Eventually.Limit);
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

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
        }
    }
}
