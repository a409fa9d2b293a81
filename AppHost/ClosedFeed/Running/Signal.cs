using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running;

/// <summary>Signals by their number, the same on Linux and macOS.</summary>
internal enum Signal
{
    Int = 2,
    Kill = 9,
    Term = 15,
}

internal static class Signals
{
    /// <summary>Sends a signal to a process and to those that it started; one that has ended is no error.</summary>
    public static void Send(this Signal signal, int pid)
    {
        // Without a group of that number the process has not come to its own session yet.
        if (kill(-pid, (int)signal) != 0)
        {
            _ = kill(pid, (int)signal);
        }
    }

#pragma warning disable SYSLIB1054, CA5392 // No unsafe code for the sake of one call to libc, which has one place to come from.
    [DllImport("libc")]
    private static extern int kill(int pid, int signal);
#pragma warning restore SYSLIB1054, CA5392
}
