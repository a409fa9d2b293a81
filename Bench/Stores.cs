using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Aspire.Webhooks.Bench;

/// <summary>
/// A Postgres and a Redis: of the measurement's own, on this machine's disk, gone with it; or somebody's, of which it makes
/// and drops databases.
/// </summary>
internal sealed class Stores : IAsyncDisposable
{
    // The rest are Postgres's defaults: fsync and synchronous_commit are on.
    private const string Options = "-c shared_buffers=512MB -c max_connections=200";
    private const string Password = "throw-away";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly string _server;
    private readonly List<Process> _processes = [];
    private readonly List<string> _databases = [];

    private Stores(string server, string redis) => (_server, Redis) = (server, redis);

    /// <summary>Its connection string.</summary>
    public string Redis { get; }

    /// <summary>For what is written beside: logs, a peer's files.</summary>
    public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("webhooks-bench-");

    /// <summary>Starts them, or uses those of the connection strings.</summary>
    public static async Task<Stores> StartAsync(string? postgres, string? redis)
    {
        if (postgres is not null && redis is not null)
        {
            return new(postgres, redis);
        }

        var (postgresPort, redisPort) = (UnusedPort(), UnusedPort());
        var stores = new Stores(
            $"Host=127.0.0.1;Port={postgresPort};Username=postgres;Password={Password};Database=postgres",
            $"127.0.0.1:{redisPort},password={Password}");
        try
        {
            stores.Start("postgres.sh", ("POSTGRES_PORT", Text(postgresPort)), ("POSTGRES_PASSWORD", Password),
                ("POSTGRES_OPTIONS", Options));
            stores.Start("redis.sh", ("REDIS_PORT", Text(redisPort)), ("REDIS_PASSWORD", Password));
            await stores.AnswersAsync();
            return stores;
        }
        catch
        {
            await stores.DisposeAsync();
            throw;
        }
    }

    public static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A new, empty database, and a pool of connections to it.</summary>
    public async Task<Database> NewDatabaseAsync()
    {
        var name = $"bench_{Environment.ProcessId}_{_databases.Count}";
        _databases.Add(name);
        await ExecuteAsync($"create database {name}");
        return new(new NpgsqlConnectionStringBuilder(_server) { Database = name }.ConnectionString);
    }

    /// <summary>What Postgres answers to <c>show</c>.</summary>
    public async Task<string> ShowAsync(string setting)
    {
        await using var source = NpgsqlDataSource.Create(_server);
        await using var command = source.CreateCommand($"show {setting}");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _databases)
        {
            await ExecuteAsync($"drop database if exists {database} with (force)");
        }

        foreach (var process in _processes)
        {
            // An orderly stop takes Postgres's own processes along.
            using (var kill = Process.Start("kill", ["-INT", Text(process.Id)]))
            {
                await kill.WaitForExitAsync();
            }

            await process.WaitForExitAsync();
            process.Dispose();
        }

        Folder.Delete(recursive: true);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_server);
        await using var command = source.CreateCommand(sql);

        // Dropping a database makes a checkpoint first, which takes as long as the disk does.
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }

    private async Task AnswersAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await ExecuteAsync("select 1");
                return;
            }
            catch (NpgsqlException) when (TimeProvider.System.GetElapsedTime(started) < StartLimit
                && _processes.TrueForAll(process => !process.HasExited))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
        }
    }

    private void Start(string script, params (string Key, string Value)[] environment)
    {
        var start = new ProcessStartInfo("sh", [Path.Combine(Repository.Folder, "eng", script)]) 
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (key, value) in (IEnumerable<(string, string)>)[("DATA_DIRECTORY", Folder.FullName), .. environment])
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
}
