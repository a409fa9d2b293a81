using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Bounds the memory of bodies that are being received. Their senders are not verified yet, so the limit applies to all of them
/// together.
/// </summary>
public sealed class ArrivingBodies(IOptions<IntakeOptions> options)
{
    // The first 64 KiB of each body are exempt, so that slow large uploads cannot starve small ones.
    private const int Free = 64 * 1024;

    private long _bytes;
    private long _reserved;

    /// <summary>The memory of all bodies in bytes, including the exempt part.</summary>
    public long Reserved => Volatile.Read(ref _reserved);

    /// <summary>Starts the reservation of one request. Disposing it releases the memory.</summary>
    public Part NewPart() => new(this);

    public sealed class Part(ArrivingBodies all) : IDisposable
    {
        private long _size;
        private long _counted;

        /// <summary>
        /// Reserves memory for a body of that size. A body above the limit is accepted when no other is being received.
        /// </summary>
        public bool TryGrow(long size)
        {
            Interlocked.Add(ref all._reserved, size - _size);
            _size = size;
            var more = size - Free - _counted;
            if (more <= 0)
            {
                return true;
            }

            var others = Interlocked.Add(ref all._bytes, more) - more - _counted;
            _counted += more;
            return others == 0 || others + _counted <= all.Limit;
        }

        public void Dispose()
        {
            Interlocked.Add(ref all._reserved, -_size);
            Interlocked.Add(ref all._bytes, -_counted);
            _size = _counted = 0;
        }
    }

    private long Limit => options.Value.ArrivingBytes;
}
