using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>A real redis-server of the test's own, which can be stopped and started again on its port.</summary>
internal sealed class RedisServer : IDisposable
{
    private const string Password = "redis-test-password";

    private readonly int _port = FreePort();
    private Process? _process;

    public static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "redis-server")));

    public string ConnectionString => $"127.0.0.1:{_port},password={Password}";

    /// <param name="more">More of the server's own arguments.</param>
    public async Task StartAsync(CancellationToken cancellationToken, params string[] more)
    {
        var start = new ProcessStartInfo("redis-server")
        {
            ArgumentList = { "--bind", "127.0.0.1", "--port", $"{_port}", "--requirepass", Password, "--save", "", "--appendonly", "no" },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var argument in more)
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new InvalidOperationException($"redis-server ended with exit code {_process.ExitCode}.");
    }

    public void Stop()
    {
        if (_process is null)
        {
            return;
        }

        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose() => Stop();

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
