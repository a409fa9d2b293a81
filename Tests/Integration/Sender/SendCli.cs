using System.Diagnostics;
using Aspire.Webhooks.Sender.Cli;

namespace Aspire.Webhooks.Tests.Integration.Sender;

/// <summary>How a run of the command line ended.</summary>
internal sealed record SendResult(int ExitCode, string Output, string Errors);

/// <summary>The Sender's command line as a person runs it, in a folder of its own below one that may hold a <c>.env</c>.</summary>
internal sealed class SendCli : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("webhooks-send-");
    private readonly DirectoryInfo _folder;

    public SendCli() => _folder = _root.CreateSubdirectory("a").CreateSubdirectory("b");

    public void WriteDotEnv(string text) => File.WriteAllText(Path.Combine(_root.FullName, ".env"), text);

    public void WriteFile(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(_folder.FullName, name), bytes);

    public Task<SendResult> RunAsync(params string[] arguments) => RunAsync([], input: "", arguments);

    public async Task<SendResult> RunAsync((string Key, string Value)[] environment, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(SendCommand).Assembly.Location, SendCommand.Name, .. arguments])
        {
            WorkingDirectory = _folder.FullName,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var key in start.Environment.Keys.Where(key => key.StartsWith("WEBHOOK_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(key);
        }

        start.Environment["PWD"] = _folder.FullName; // as a shell has it
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
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

    public void Dispose() => _root.Delete(recursive: true);
}
