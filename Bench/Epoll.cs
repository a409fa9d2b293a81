using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Aspire.Webhooks.Bench;

/// <summary>
/// Waits for many sockets on the calling thread (Linux). What .NET's own asynchronous sockets do, without the thread pool in
/// between: that costs as much again as the system calls, on the processors that are shared with what is measured.
/// </summary>
internal sealed class Epoll : IDisposable
{
    private const int Add = 1;
    private const int Readable = 1;
    private const int MaxEvents = 512;

    // struct epoll_event is packed on x64 alone; the data are its last 8 bytes.
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly int _descriptor;
    private readonly byte[] _events = new byte[MaxEvents * Stride];

    public Epoll()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Load is generated on Linux only.");
        }

        _descriptor = Create(0);
        if (_descriptor < 0)
        {
            throw new IOException($"epoll_create1: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Waits for the socket until it is closed.</summary>
    public void Watch(Socket socket, int number)
    {
        Span<byte> registration = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(registration, Readable);
        BinaryPrimitives.WriteInt32LittleEndian(registration[(Stride - 8)..], number);
        if (Control(_descriptor, Add, (int)socket.Handle, ref MemoryMarshal.GetReference(registration)) != 0)
        {
            throw new IOException($"epoll_ctl: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>How many sockets can be read from, at most after so many milliseconds; see <see cref="Number"/>.</summary>
    public int Wait(int milliseconds) => Math.Max(Wait(_descriptor, ref _events[0], MaxEvents, milliseconds), 0);

    /// <summary>The number of the socket that the last wait found at this position.</summary>
    public int Number(int at) => BinaryPrimitives.ReadInt32LittleEndian(_events.AsSpan((at * Stride) + Stride - 8));

    public void Dispose() => _ = Close(_descriptor);

    [DllImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Create(int flags);

    [DllImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int epoll, int operation, int descriptor, ref byte registration);

    [DllImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Wait(int epoll, ref byte events, int max, int milliseconds);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
