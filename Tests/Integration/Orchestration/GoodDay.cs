using System.Net;
using Aspire.Webhooks.AppHost;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

/// <summary>
/// One run of the host in a new home, from its start to Ctrl-C, and what was seen of it: a start takes as long as a hundred
/// other tests.
/// </summary>
public sealed class GoodDay : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("webhooks-");

    public string Data => Path.Combine(_folder.FullName, "data");

    public IReadOnlyList<string> Output { get; private set; } = [];

    public IReadOnlyList<string> Commands { get; private set; } = [];

    /// <summary>What the dashboard answers to its own name and to another.</summary>
    public (HttpStatusCode Own, HttpStatusCode Other) Dashboard { get; private set; }

    public UnixFileMode WorkerFileMode { get; private set; }

    public bool WorkerFileWasRemoved { get; private set; }

    /// <summary>Whether an agent outside found the stores, and how it ended.</summary>
    public (string? Error, int ExitCode) Agent { get; private set; }

    /// <summary>The exit code of another host on the same data, and what it wrote.</summary>
    public (int ExitCode, IReadOnlyList<string> Output) Second { get; private set; }

    public int ExitCode { get; private set; }

    /// <summary>What still ran when the host had returned, and which of its ports could not be had.</summary>
    public IReadOnlyList<string> Left { get; private set; } = [];

    /// <summary>Files in the home or the temporary folder that hold a secret, while it ran and afterwards.</summary>
    public IReadOnlyList<string> FilesWithSecrets { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var (home, temporary) = (_folder.CreateSubdirectory("home").FullName, _folder.CreateSubdirectory("tmp").FullName);
        await using var host = HostProcess.StartOnFreePorts(Data, ("HOME", home), ("TMPDIR", temporary));
        await host.WaitForReadyAsync();
        Commands = [.. host.Processes().Select(process => process.Command)];
        Dashboard = (await DashboardAsync(host, null), await DashboardAsync(host, "evil.example"));
        await ReadWorkerFileAsync();
        await using (var second = HostProcess.StartOnFreePorts(Data))
        {
            Second = (await second.WaitForEndAsync(), [.. second.Output]);
        }

        var during = SecretsIn(home);
        host.Interrupt();
        ExitCode = await host.WaitForEndAsync();

        Output = [.. host.Output];
        Left = [.. host.Processes().Select(process => process.Command), .. Output.SelectMany(BusyPorts)];
        WorkerFileWasRemoved = !File.Exists(Path.Combine(Data, "worker.json"));
        FilesWithSecrets = [.. during, .. SecretsIn(home), .. SecretsIn(temporary)];
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static async Task<HttpStatusCode> DashboardAsync(HostProcess host, string? name)
    {
        // It listens on a random port here, which its environment has.
        var dashboard = host.Processes().First(process => process.Command.Contains("Aspire.Dashboard", StringComparison.Ordinal));
        const string Urls = "ASPNETCORE_URLS=";
        var environment = await File.ReadAllTextAsync($"/proc/{dashboard.Id}/environ", TestContext.Current.CancellationToken);
        var url = environment.Split('\0').First(variable => variable.StartsWith(Urls, StringComparison.Ordinal))[Urls.Length..];
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, url.Split(';')[0]);
        request.Headers.Host = name;
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private async Task ReadWorkerFileAsync()
    {
        WorkerFileMode = new FileInfo(Path.Combine(Data, "worker.json")).UnixFileMode;
        using var agent = McpServer.Start([], ("Data__Directory", Data));
        await agent.InitializeAsync();
        var answer = await agent.CallAsync("list_tasks");
        Agent = (McpServer.IsError(answer) ? McpServer.Text(answer) : null, (await agent.EndAsync()).ExitCode);
    }

    private static IEnumerable<string> SecretsIn(string folder) =>
        from file in Directory.EnumerateFiles(
            folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
        where new FileInfo(file).Length > 0
        let text = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file))
        from secret in RunningApp.Secrets
        where text.Contains(secret.Value, StringComparison.Ordinal)
        select $"{file} has {secret.Key}";

    private static IEnumerable<string> BusyPorts(string line) => line.Split(' ')
        .Where(word => word.StartsWith("http://localhost:", StringComparison.Ordinal)
            && Uri.TryCreate(word, UriKind.Absolute, out _))
        .Select(word => new Uri(word).Port)
        .Where(FixedPorts.IsInUse)
        .Select(port => $"port {port}");
}
