namespace Aspire.Webhooks.AppHost;

/// <summary>
/// Monitors Aspire's orchestrator, dcp: a server, which this process starts but is not the parent of, and controllers, which
/// watch the server. Aspire monitors neither. Without <c>/proc</c> this class detects nothing and does not wait.
/// </summary>
internal static class Orchestrator
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Completes when a running orchestrator has ended.</summary>
    /// <exception cref="OperationCanceledException">The host stopped first.</exception>
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

    /// <summary>
    /// Returns the ids of the running processes. The controllers end last, a second or two after everything else.
    /// </summary>
    public static IReadOnlyList<int> Running() => Find("start-apiserver", Environment.ProcessId) is { } server
        ? Find("run-controllers", server) is { } controllers ? [server, controllers] : [server]
        : [];

    /// <summary>Waits for the end of the processes.</summary>
    public static async Task WaitForEndAsync(IReadOnlyList<int> processes, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (processes.Any(Exists))
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    // An ended process stays listed as a zombie until its parent reads its status, which can take init seconds.
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

    // Each process names on its command line the process that it ends with.
    private static int? Find(string verb, int monitored) => Processes()
        .Select(folder => int.TryParse(Path.GetFileName(folder), out var process) ? process : 0)
        .Where(process => process > 0 && Arguments(process) is ["dcp", var first, .. var rest] && first == verb
            // The process with --detach only starts the server and ends.
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
            // The process has ended since the directory was read, or belongs to another user.
            return [];
        }
    }
}
