using System.Net.Sockets;

namespace Aspire.Webhooks.Tests.Integration.Sender.Misbehaviour;

/// <summary>What went through the connections of one side.</summary>
internal sealed class Meter
{
    private long _read;
    private long _written;
    private volatile bool _waits;

    public long Read => Interlocked.Read(ref _read);

    public long Written => Interlocked.Read(ref _written);

    /// <summary>True while this side has asked for bytes that have not come.</summary>
    public bool Waits => _waits;

    public NetworkStream Over(Socket socket) => new Metered(socket, this);

    private sealed class Metered(Socket socket, Meter meter) : NetworkStream(socket, ownsSocket: true)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var reading = base.ReadAsync(buffer, cancellationToken);
            meter._waits = !reading.IsCompleted;
            var read = await reading;
            meter._waits = false;
            Interlocked.Add(ref meter._read, read);
            return read;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // Counted before the other side can have it.
            Interlocked.Add(ref meter._written, buffer.Length);
            await base.WriteAsync(buffer, cancellationToken);
        }
    }
}
