namespace Aspire.Webhooks.AppHost;

/// <summary>
/// Aspire's orchestrator, dcp: a server, started by this process and not its child, and controllers, which watch the server.
/// Aspire does not watch either. Where there is no <c>/proc</c>, this neither notices nor waits.
/// </summary>
internal static class Orchestrator
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Completes when the orchestrator, once it runs, has ended.</summary>
    /// <exception cref="OperationCanceledException">The host stops first.</exception>
    public static async Task EndedAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause);
        int? server = null;
        do
        {
            await timer.WaitForNextTickAsync(stoppingToken);
            server ??= Find("start-apiserver", Environment.ProcessId);
        }
        while (server is null || Exists(server.Value));
    }

    /// <summary>The processes that still run. The controllers are the last to end, a second or two after all else.</summary>
    public static IReadOnlyList<int> Running() => Find("start-apiserver", Environment.ProcessId) is { } server
        ? Find("run-controllers", server) is { } controllers ? [server, controllers] : [server]
        : [];

    /// <summary>Waits for their end.</summary>
    public static async Task WaitForEndAsync(IReadOnlyList<int> processes, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (processes.Any(Exists))
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    // What has ended stays listed, as a zombie, until its parent asks how it ended; init may take seconds for that.
    private static bool Exists(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    // Each names the process whose end is its own.
    private static int? Find(string verb, int monitored) => Processes()
        .Select(folder => int.TryParse(Path.GetFileName(folder), out var process) ? process : 0)
        .Where(process => process > 0 && Arguments(process) is ["dcp", var first, .. var rest] && first == verb
            // The one that only starts the server, and ends, has --detach.
            && !rest.Contains("--detach", StringComparer.Ordinal)
            && rest.SkipWhile(argument => argument != "--monitor").ElementAtOrDefault(1) == monitored.ToString())
        .Cast<int?>()
        .FirstOrDefault();

    private static IEnumerable<string> Processes() =>
        Directory.Exists("/proc/self") ? Directory.EnumerateDirectories("/proc") : [];

    private static string[] Arguments(int process)
    {
        try
        {
            var arguments = File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
            return [Path.GetFileName(arguments[0]), .. arguments.Skip(1)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended since the folder was listed, or is somebody else's.
            return [];
        }
    }
}
