using System.Diagnostics;
using Npgsql;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>
/// Copies a database as docs/operations.md says: <c>pg_dump</c> while it is used, <c>pg_restore</c> into an empty one.
/// </summary>
internal static class Dump
{
    /// <summary>False where PostgreSQL's clients are not installed.</summary>
    public static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "pg_dump")));

    public static Task TakeAsync(string database, string file) =>
        RunAsync("pg_dump", database, "--format=custom", $"--file={file}");

    public static Task RestoreAsync(string file, string database) =>
        RunAsync("pg_restore", database, "--no-owner", "--exit-on-error", "--single-transaction", file);

    private static async Task RunAsync(string program, string database, params string[] arguments)
    {
        var server = new NpgsqlConnectionStringBuilder(database);
        string[] target =
            [$"--host={server.Host}", $"--port={server.Port}", $"--username={server.Username}", $"--dbname={server.Database}"];
        var start = new ProcessStartInfo(program, [.. target, .. arguments])
        {
            UseShellExecute = false, RedirectStandardError = true,
        };
        start.Environment["PGPASSWORD"] = server.Password;
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, errors);
    }
}
