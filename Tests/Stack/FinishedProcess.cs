using System.Diagnostics;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>How a process ended, and what it wrote.</summary>
internal sealed record FinishedProcess(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs a .NET program to its end.</summary>
    /// <param name="prepare">Sets folder and environment.</param>
    public static async Task<FinishedProcess> RunAsync(
        string assembly, IEnumerable<string> arguments, Action<ProcessStartInfo>? prepare = null, string input = "")
    {
        var cancellation = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments])
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
            await process.WaitForExitAsync(cancellation).WaitAsync(TimeSpan.FromSeconds(60), cancellation);
            return new(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
