using System.Diagnostics;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>Runs lines as a reader of a document would: in bash, with curl and openssl.</summary>
internal static class Shell
{
    public const string Reason = "bash, curl or openssl is missing";

    // Shows each answer's status on a line of its own behind the body, and makes do without jq, which only formats.
    private const string Before = """
        curl() { command curl -sS -w '\n%{http_code}\n' "$@"; }
        command -v jq >/dev/null || jq() { cat; }

        """;

    public static bool Available { get; } = new[] { "bash", "curl", "openssl" }.All(
        program => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, program))));

    /// <summary>Runs the lines and returns what they wrote: after each answer's body its status.</summary>
    public static Task<string> RunAsync(string lines) => RunAsync(Before, lines);

    /// <summary>The same with curl as it is, for lines that ask for the status themselves.</summary>
    public static Task<string> RunPlainAsync(string lines) => RunAsync("", lines);

    private static async Task<string> RunAsync(string before, string lines)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", before + lines])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0
                ? (await output).Trim()
                : throw new InvalidOperationException($"bash exited with {process.ExitCode}: {await errors}");
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
}
