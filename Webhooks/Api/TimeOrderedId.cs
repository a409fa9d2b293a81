using System.Buffers.Binary;

namespace Aspire.Webhooks.Api;

/// <summary>
/// Times as bounds of UUIDv7 (RFC 9562, section 5.7), which begin with the milliseconds since 1970. A bound on ids finds rows
/// in the primary key's order; their time itself then decides, and a margin allows for ids that were made a moment before.
/// </summary>
public static class TimeOrderedId
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    /// <summary>The least id of that millisecond.</summary>
    public static Guid From(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes, Math.Max(0, time.ToUnixTimeMilliseconds()) << 16);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>No row of that time or a later one has a lesser id.</summary>
    public static Guid? Least(DateTimeOffset? time) =>
        time is { } since ? From(since - DateTimeOffset.MinValue > Margin ? since - Margin : since) : null;

    /// <summary>Every row of an earlier time has a lesser id.</summary>
    public static Guid? Greatest(DateTimeOffset? time) =>
        time is { } until ? From(DateTimeOffset.MaxValue - until > Margin ? until + Margin : until) : null;
}
