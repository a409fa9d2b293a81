using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// The memory of bodies on their way in. Nobody has shown who they are by then, so it is bounded for all of them together.
/// </summary>
public sealed class ArrivingBodies(IOptions<IntakeOptions> options)
{
    // Does not count: large bodies that strangers hold back do not keep out the ordinary ones.
    private const int Free = 64 * 1024;

    private long _bytes;
    private long _reserved;

    /// <summary>The memory that all of them have, in bytes, including what does not count.</summary>
    public long Reserved => Volatile.Read(ref _reserved);

    /// <summary>The part of one request; given back when it is disposed.</summary>
    public Part NewPart() => new(this);

    public sealed class Part(ArrivingBodies all) : IDisposable
    {
        private long _size;
        private long _counted;

        /// <summary>
        /// Makes room for that many bytes of a body. One larger than all that may arrive is still taken when it is alone.
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
