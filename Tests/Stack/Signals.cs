using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>POSIX signals that .NET cannot send itself.</summary>
internal static class Signals
{
    public const int Interrupt = 2;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    public static void Signal(this Process process, int signal) => Assert.Equal(0, kill(process.Id, signal));

#pragma warning disable SYSLIB1054, CA5392 // No unsafe code for the sake of one call to libc, which has one place to come from.
    [DllImport("libc")]
    private static extern int kill(int pid, int signal);
#pragma warning restore SYSLIB1054, CA5392
}
