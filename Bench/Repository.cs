using System.Diagnostics;

namespace Aspire.Webhooks.Bench;

/// <summary>Where the measurement runs from.</summary>
internal static class Repository
{
    public static string Folder { get; } = Find();

    /// <summary>The commit, with a plus where files are changed.</summary>
    public static string Commit { get; } = CommitOf(Folder);

    /// <summary>The commit of a checkout, likewise.</summary>
    public static string CommitOf(string folder) =>
        Output("git", "-C", folder, "describe", "--always", "--dirty=+", "--exclude=*");

    /// <summary>A service's program, of the same kind of build as this one; in another checkout where one is named.</summary>
    public static string ProgramOf(string project, string? checkout = null)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(checkout ?? Folder, project, "bin", own.Parent!.Name, own.Name, $"{project}.dll");
    }

    /// <summary>What a command writes, in one line; empty when it cannot be run.</summary>
    public static string Output(string command, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(command, arguments) 
            {
                WorkingDirectory = Folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : "";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "";
        }
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "eng", "postgres.sh")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The measurement runs from within the repository.");
        }

        return folder.FullName;
    }
}
