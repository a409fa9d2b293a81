using System.Buffers.Binary;

namespace Aspire.Webhooks.Fields;

/// <summary>Times as bounds of UUIDv7 (RFC 9562, section 5.7), which begin with the milliseconds since 1970.</summary>
public static class TimeOrderedId
{
    /// <summary>The least id of that millisecond.</summary>
    public static Guid From(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes, Math.Max(0, time.ToUnixTimeMilliseconds()) << 16);
        return new Guid(bytes, bigEndian: true);
    }
}
