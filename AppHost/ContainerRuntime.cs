using System.ComponentModel;
using System.Diagnostics;

namespace Aspire.Webhooks.AppHost;

/// <summary>Docker or Podman on this machine.</summary>
internal static class ContainerRuntime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether a container runtime is running.</summary>
    /// <param name="forced">The command name of the runtime to check; null or empty checks all.</param>
    public static bool IsUp(string? forced) =>
        forced is { Length: > 0 } ? Answers(forced) : Answers("docker") || Answers("podman");

    private static bool Answers(string runtime)
    {
        try
        {
            using var info = Process.Start(new ProcessStartInfo(runtime, ["info"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            if (info is null)
            {
                return false;
            }

            // The output is read, because a full pipe would block the command.
            info.BeginOutputReadLine();
            info.BeginErrorReadLine();
            if (info.WaitForExit(Patience))
            {
                return info.ExitCode == 0;
            }

            info.Kill(entireProcessTree: true);
            return false;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
