using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Aspire.Webhooks.Bench;

/// <summary>A Postgres and a Redis of the measurement's own, on this machine's disk and settings, that go with it.</summary>
internal sealed class ThrowAwayStores : IAsyncDisposable
{
    private const string Password = "throw-away";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _data;
    private readonly List<Process> _processes = [];

    private ThrowAwayStores()
    {
        _data = Directory.CreateTempSubdirectory("webhooks-bench-");
        var (postgres, redis) = (UnusedPort(), UnusedPort());
        Postgres = $"Host=127.0.0.1;Port={postgres};Username=postgres;Password={Password};Database=webhooks";
        Redis = $"127.0.0.1:{redis},password={Password}";
        Start("postgres.sh", ("POSTGRES_PORT", postgres), ("POSTGRES_PASSWORD", Password));
        Start("redis.sh", ("REDIS_PORT", redis), ("REDIS_PASSWORD", Password));
    }

    /// <summary>Its connection string.</summary>
    public string Postgres { get; }

    public string Redis { get; }

    public static async Task<ThrowAwayStores> StartAsync()
    {
        var stores = new ThrowAwayStores();
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(stores.Postgres);
                await connection.OpenAsync();
                return stores;
            }
            catch (NpgsqlException) when (TimeProvider.System.GetElapsedTime(started) < StartLimit)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
            }
            catch
            {
                await stores.DisposeAsync();
                throw;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        foreach (var process in _processes)
        {
            // An orderly stop takes Postgres's own processes along.
            using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync();
            }

            await process.WaitForExitAsync();
            process.Dispose();
        }

        _data.Delete(recursive: true);
    }

    private void Start(string script, params (string Key, string Value)[] environment)
    {
        var start = new ProcessStartInfo("sh", [Path.Combine(Repository(), "eng", script)]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DATA_DIRECTORY"] = _data.FullName;
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "eng", "postgres.sh")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The measurement runs from within the repository.");
        }

        return folder.FullName;
    }

    private static string UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}
