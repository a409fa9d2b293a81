using System.Buffers.Binary;

namespace Aspire.Webhooks.Api;

/// <summary>
/// Converts times to bounds of UUIDv7 (RFC 9562, section 5.7), which begin with the milliseconds since 1970. A bound on ids
/// lets Postgres use the primary key; the row's own time then decides, and a margin covers ids that were created a moment
/// before that time.
/// </summary>
public static class TimeOrderedId
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    /// <summary>Returns the smallest id of the millisecond.</summary>
    public static Guid From(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes, Math.Max(0, time.ToUnixTimeMilliseconds()) << 16);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Returns an id that no row of that time or later is below.</summary>
    public static Guid? Least(DateTimeOffset? time) =>
        time is { } since ? From(since - DateTimeOffset.MinValue > Margin ? since - Margin : since) : null;

    /// <summary>Returns an id that every row of an earlier time is below.</summary>
    public static Guid? Greatest(DateTimeOffset? time) =>
        time is { } until ? From(DateTimeOffset.MaxValue - until > Margin ? until + Margin : until) : null;
}
