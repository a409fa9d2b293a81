using System.Diagnostics;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

/// <summary>A process of this machine, as <c>/proc</c> shows it.</summary>
internal sealed record RunningProcess(int Id, int Parent, string Command)
{
    public static IReadOnlyList<RunningProcess> All() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? Of(id) : null)
            .OfType<RunningProcess>(),
    ];

    public bool HasEnvironment(string variable) => Read(Id, "environ").Split('\0').Contains(variable, StringComparer.Ordinal);

    public void Kill()
    {
        using var process = Process.GetProcessById(Id);
        process.Kill();
    }

    // Null for one that has ended: since the folder was listed, or already, and its parent has not asked how.
    private static RunningProcess? Of(int id)
    {
        var status = Read(id, "status").Split('\n');
        return status.Any(line => line.StartsWith("State:\tZ", StringComparison.Ordinal))
            || status.FirstOrDefault(line => line.StartsWith("PPid:", StringComparison.Ordinal)) is not { } parent
            ? null
            : new(id, int.Parse(parent["PPid:".Length..]), Read(id, "cmdline").Replace('\0', ' '));
    }

    private static string Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
