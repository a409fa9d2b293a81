namespace Aspire.Webhooks.Payloads;

/// <summary>
/// The byte order mark of UTF-8, which some senders write before the body. Signatures cover it, and no parser accepts it.
/// </summary>
public static class ByteOrderMark
{
    /// <summary>Returns what follows the mark; all of the body when there is none.</summary>
    public static ReadOnlyMemory<byte> Skip(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith("\uFEFF"u8) ? body["\uFEFF"u8.Length..] : body;
}
