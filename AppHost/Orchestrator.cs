namespace Aspire.Webhooks.AppHost;

/// <summary>Aspire's orchestrator, dcp: a process that is not this one's child and that Aspire does not watch.</summary>
internal static class Orchestrator
{
    /// <summary>
    /// Completes when the orchestrator, once it runs, has ended; never where processes cannot be listed through <c>/proc</c>.
    /// </summary>
    /// <exception cref="OperationCanceledException">The host stops first.</exception>
    public static async Task EndedAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        string? folder = null;
        do
        {
            await timer.WaitForNextTickAsync(stoppingToken);
            folder ??= Find();
        }
        while (folder is null || Directory.Exists(folder));
    }

    private static string? Find() => Directory.Exists("/proc/self")
        ? Directory.EnumerateDirectories("/proc").FirstOrDefault(IsOurs)
        : null;

    private static bool IsOurs(string folder)
    {
        try
        {
            return char.IsAsciiDigit(Path.GetFileName(folder)[0])
                && File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0') is [var program, "start-apiserver", .. var arguments]
                && Path.GetFileName(program) == "dcp"
                && arguments.SkipWhile(argument => argument != "--monitor").ElementAtOrDefault(1) == Environment.ProcessId.ToString();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended since the folder was listed, or is somebody else's.
            return false;
        }
    }
}
