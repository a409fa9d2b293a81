using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>A Postgres of the test's own, as <c>eng/postgres.sh</c> starts it, that can be set back to a backup.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Password = "postgres-test-password";
    private const int Quit = 3;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("webhooks-postgres-");
    private readonly int _port = FreePort();
    private Process? _process;
    private string? _connections;

    private PostgresServer()
    {
    }

    /// <summary>False where the tests' own Postgres is a container.</summary>
    public static bool IsInstalled { get; } = new[] { "/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt" }
        .Where(Directory.Exists).SelectMany(folder => Directory.EnumerateDirectories(folder))
        .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        .Any(folder => File.Exists(Path.Combine(folder, "bin", "postgres")) || File.Exists(Path.Combine(folder, "postgres")));

    public string ConnectionString =>
        $"Host=127.0.0.1;Port={_port};Username=postgres;Password={Password};Database=webhooks;Maximum Pool Size=20";

    private string Data => Path.Combine(_folder.FullName, "postgres");

    private string Backup => Path.Combine(_folder.FullName, "backup");

    public static async Task<PostgresServer> StartAsync()
    {
        var server = new PostgresServer();
        try
        {
            await server.UpAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops it, copies its files, and starts it again.</summary>
    public async Task BackUpAsync()
    {
        _connections = await Sql.ScalarAsync<string>(ConnectionString, "show max_connections");
        await DownAsync(Signals.Interrupt);
        await RunAsync("cp", "-a", Data, Backup);
        await UpAsync();
    }

    /// <summary>
    /// A crash, and a recovery from the backup as after a point in time: what was committed since is lost, and the server is on a
    /// new timeline.
    /// </summary>
    public async Task RestoreAsync()
    {
        await DownAsync(Quit);
        Directory.Delete(Data, recursive: true);
        await RunAsync("cp", "-a", Backup, Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "recovery.signal"), "");

        // Recovery wants as many connections as there were.
        await File.AppendAllTextAsync(
            Path.Combine(Data, "postgresql.auto.conf"), $"restore_command = 'false'\nmax_connections = {_connections}\n");
        await UpAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await DownAsync(Quit);
        await using (var connection = new NpgsqlConnection(ConnectionString))
        {
            NpgsqlConnection.ClearPool(connection);
        }

        _folder.Delete(recursive: true);
    }

    private async Task UpAsync()
    {
        _process = Process.Start(new ProcessStartInfo("sh", [Path.Combine(Repository.Folder, "eng", "postgres.sh")])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DATA_DIRECTORY"] = _folder.FullName,
                ["POSTGRES_PORT"] = $"{_port}",
                ["POSTGRES_PASSWORD"] = Password,
                ["POSTGRES_OPTIONS"] = "-c fsync=off",
            },
        })!;
        _ = _process.StandardOutput.ReadToEndAsync();
        var errors = _process.StandardError.ReadToEndAsync();
        await Eventually.HoldsAsync("Postgres answers", async () =>
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"Postgres has ended: {await errors}");
            }

            try
            {
                return await Sql.ScalarAsync<bool>(ConnectionString, "select not pg_is_in_recovery()");
            }
            catch (NpgsqlException)
            {
                return false;
            }
        });
    }

    private async Task DownAsync(int signal)
    {
        if (_process is { HasExited: false } running)
        {
            running.Signal(signal);
            await running.WaitForExitAsync(CancellationToken.None);
        }

        _process?.Dispose();
        _process = null;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
