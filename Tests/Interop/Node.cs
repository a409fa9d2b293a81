using System.Diagnostics;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Interop;

/// <summary>Runs the scripts of this folder, which use the libraries that our users' customers use.</summary>
internal static class Node
{
    public const string Reason = "node or the npm packages of Tests/Interop are missing (./test.sh installs them where it can)";

    private static readonly string Folder = Path.Combine(Repository.Folder, "Tests", "Interop");
    private static readonly string? Program = FindProgram();

    public static bool Available => Program is not null && File.Exists(InstalledMark);

    /// <summary>A file of the folder.</summary>
    public static string PathOf(string file) => Path.Combine(Folder, file);

    /// <summary>Runs a script to its end and returns the JSON that it printed.</summary>
    public static async Task<JsonElement> RunAsync(
        string script,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellation)
    {
        using var process = Start(script, arguments, environment);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0
                ? JsonElement.Parse(await output)
                : throw new InvalidOperationException($"{script} exited with {process.ExitCode}: {await errors}");
        }
        finally
        {
            // Only when it was cancelled is there something to end.
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    internal static Process Start(
        string script, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string? folder = null)
    {
        if (!Available)
        {
            throw new InvalidOperationException(Reason);
        }

        var start = new ProcessStartInfo(Program!, [Path.Combine(Folder, script), .. arguments])
        {
            WorkingDirectory = folder ?? "",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    // npm writes it last: an interrupted install has none.
    private static string InstalledMark => Path.Combine(Folder, "node_modules", ".package-lock.json");

    private static string? FindProgram() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "node.exe" : "node"))
        .FirstOrDefault(File.Exists);
}
