using System.Diagnostics;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>How a process ended, and what it wrote.</summary>
internal sealed record FinishedProcess(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs dotnet with a program or one of its own commands to the end.</summary>
    /// <param name="prepare">Sets folder and environment.</param>
    /// <param name="limit">How long it may take; a minute unless told.</param>
    public static async Task<FinishedProcess> RunAsync(
        string command,
        IEnumerable<string> arguments,
        Action<ProcessStartInfo>? prepare = null,
        string input = "",
        TimeSpan? limit = null)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo("dotnet", [command, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        prepare?.Invoke(start);
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellation).WaitAsync(limit ?? TimeSpan.FromMinutes(1), cancellation);
            return new(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
