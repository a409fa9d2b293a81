using System.Diagnostics;
using Aspire.Webhooks.Cli;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Cli;

/// <summary>
/// The Sender's command line as a person runs it, in a folder of its own below one that may hold a <c>.env</c>.
/// </summary>
internal sealed class SendCli : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("webhooks-send-");
    private readonly DirectoryInfo _folder;

    public SendCli() => _folder = _root.CreateSubdirectory("a").CreateSubdirectory("b");

    public void WriteDotEnv(string text) => File.WriteAllText(Path.Combine(_root.FullName, ".env"), text);

    public void WriteFile(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(_folder.FullName, name), bytes);

    public Task<FinishedProcess> RunAsync(params string[] arguments) => RunAsync([], input: "", arguments);

    public Task<FinishedProcess> RunAsync((string Key, string Value)[] environment, string input, params string[] arguments) =>
        FinishedProcess.RunAsync(
            typeof(SendCommand).Assembly.Location, [SendCommand.Name, .. arguments], start => Prepare(start, environment), input);

    public void Dispose() => _root.Delete(recursive: true);

    private void Prepare(ProcessStartInfo start, (string Key, string Value)[] environment)
    {
        start.WorkingDirectory = _folder.FullName;
        foreach (var key in start.Environment.Keys.Where(key => key.StartsWith("WEBHOOK_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(key);
        }

        start.Environment["PWD"] = _folder.FullName; // as a shell has it
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }
    }
}
