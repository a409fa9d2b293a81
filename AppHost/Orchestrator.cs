namespace Aspire.Webhooks.AppHost;

/// <summary>
/// Monitors Aspire's orchestrator, dcp: a server, which the host starts but is not the parent of, and controllers, which
/// watch the server. Aspire monitors neither. Without <c>/proc</c> this class detects nothing and does not wait.
/// </summary>
/// <param name="host">The id of the process that starts the orchestrator.</param>
/// <remarks>
/// Create it before the application starts. A server that the host started earlier belongs to another application: tests run
/// several in one process.
/// </remarks>
internal sealed class Orchestrator(int host)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly List<int> _others = [.. Find("start-apiserver", host)];

    /// <summary>Completes when a running orchestrator has ended.</summary>
    /// <exception cref="OperationCanceledException">The host stopped first.</exception>
    public async Task EndedAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause);
        var server = Server;
        while (server is null || Exists(server.Value))
        {
            await timer.WaitForNextTickAsync(stoppingToken);
            server ??= Server;
        }
    }

    /// <summary>
    /// Returns the ids of the running processes. The controllers end last, a second or two after everything else.
    /// </summary>
    public IReadOnlyList<int> Running() =>
        Server is { } server ? [server, .. Find("run-controllers", server)] : [];

    /// <summary>Waits for the end of the processes.</summary>
    public static async Task WaitForEndAsync(IReadOnlyList<int> processes, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (processes.Any(Exists))
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private int? Server => Find("start-apiserver", host).Except(_others).Cast<int?>().FirstOrDefault();

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
    private static IEnumerable<int> Find(string verb, int monitored) => Processes()
        .Select(folder => int.TryParse(Path.GetFileName(folder), out var process) ? process : 0)
        .Where(process => process > 0 && Arguments(process) is ["dcp", var first, .. var rest] && first == verb
            // The process with --detach only starts the server and ends.
            && !rest.Contains("--detach", StringComparer.Ordinal)
            && rest.SkipWhile(argument => argument != "--monitor").ElementAtOrDefault(1) == monitored.ToString());

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
