using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Aspire.Webhooks.Bench;

/// <summary>
/// What others would use: programs in <c>Bench/peers</c>, with packages that <c>bench.sh</c> installs. Each does what it does as
/// its own documentation tells.
/// </summary>
internal static class Peers
{
    public const string GraphileWorker = "graphile-worker";
    public const string PgBoss = "pg-boss";

    private static readonly string Folder = Path.Combine(Repository.Folder, "Bench", "peers");

    // Debian's packages are for its own Python.
    private static readonly string? Python = ((string[])["python3", "/usr/bin/python3"])
        .FirstOrDefault(python => Repository.Output(python, "-c", "import fastapi, uvicorn, aiosqlite; print(1)") == "1");

    /// <summary>Whether the packages of the peers on Node are installed.</summary>
    public static bool HasNode => File.Exists(Path.Combine(Folder, "node_modules", ".package-lock.json"))
        && Repository.Output("node", "--version").Length > 0;

    public static string Versions => string.Join(", ", ((string[])
    [
        HasNode ? $"Node {Repository.Output("node", "--version").TrimStart('v')}" : "",
        .. HasNode ? ((string[])["fastify", "pg", GraphileWorker, PgBoss]).Select(VersionOf) : [],
        Python is null ? "" : Repository.Output(Python, "-c",
            "import sys, fastapi; print(f'Python {sys.version.split()[0]}, FastAPI {fastapi.__version__}')"),
    ]).Where(text => text.Length > 0));

    /// <summary>FastAPI on uvicorn, a SQLite row for each event; null when it is not installed.</summary>
    public static async Task<ChildProcess?> FastApiAsync(Stores stores) => Python is null ? null : await StartAsync(
        stores, Python, (address) => ["-m", "uvicorn", "fastapi_sqlite:app", "--port", Text(address.Port), "--no-access-log"],
        ("WEBHOOK_DB", Path.Combine(stores.Folder.FullName, "events.db")));

    /// <summary>Fastify with node-postgres, an insert for each event.</summary>
    public static async Task<ChildProcess?> FastifyAsync(Stores stores, Database database) => !HasNode ? null : await StartAsync(
        stores, "node", (_) => ["fastify_pg.mjs"], ("PG", Url(database)));

    /// <summary>How many no-op jobs a queue works off per second.</summary>
    public static async Task<double> DrainAsync(Stores stores, Database database, string queue, int jobs)
    {
        var address = new Uri($"http://127.0.0.1:{Stores.UnusedPort()}");
        await using var process = await ChildProcess.StartAsync(
            stores.Folder, Folder, "node", ["drain.mjs"], address, ready: null,
            [("QUEUE", queue), ("JOBS", Text(jobs)), ("PG", Url(database))]);
        var output = await process.EndedAsync();
        return double.Parse(Regex.Match(output, "(?<=jobs_per_s=)[0-9.]+", RegexOptions.None, TimeSpan.FromSeconds(1)).Value,
            CultureInfo.InvariantCulture);
    }

    /// <summary>A Kestrel that verifies and keeps nothing. It needs no package.</summary>
    public static Task<ChildProcess> VerifierAsync(Stores stores)
    {
        var address = new Uri($"http://127.0.0.1:{Stores.UnusedPort()}");
        return ChildProcess.StartAsync(
            stores.Folder, Repository.Folder, "dotnet", ["exec", typeof(Peers).Assembly.Location, Verifier.Name], address,
            "/ready",
            [("ASPNETCORE_URLS", address.ToString()), ("ASPNETCORE_ENVIRONMENT", Environments.Production)]);
    }

    private static Task<ChildProcess> StartAsync(
        Stores stores, string command, Func<Uri, IEnumerable<string>> arguments, (string Key, string Value) setting)
    {
        var address = new Uri($"http://127.0.0.1:{Stores.UnusedPort()}");
        return ChildProcess.StartAsync(
            stores.Folder, Folder, command, arguments(address), address, "/ready",
            [
                setting, ("PORT", Text(address.Port)), ("NODE_ENV", "production"),
                ("WEBHOOK_SECRET", SignedRequests.Secret), ("WEBHOOK_PATH", SignedRequests.Path),
            ]);
    }

    private static string VersionOf(string package) => package + " " + Repository.Output(
        "node", "-p", $"JSON.parse(fs.readFileSync('{Path.Combine(Folder, "node_modules", package, "package.json")}')).version");

    private static string Url(Database database)
    {
        var parts = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        return $"postgres://{parts.Username}:{parts.Password}@{parts.Host}:{Text(parts.Port)}/{parts.Database}";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
