using System.Buffers;

namespace Aspire.Webhooks.Signing;

/// <summary>Enumerates the entries of a signature header.</summary>
internal ref struct SignatureEntries(ReadOnlySpan<char> header, char? separator)
{
    // More entries than any secret rotation needs. The limit bounds the work that a hostile header can cause.
    private const int Max = 16;

    private ReadOnlySpan<char> _rest = header;
    private int _count;

    public bool TryNext(out ReadOnlySpan<char> entry)
    {
        entry = [];
        if (_rest.IsEmpty || _count++ == Max)
        {
            return false;
        }

        entry = Next(ref _rest, separator);
        return true;
    }

    /// <summary>Counts the entries with a prefix, beyond the limit too.</summary>
    /// <param name="value">The text after the prefix in the last such entry.</param>
    /// <returns>The number of entries with the prefix.</returns>
    public static int Find(ReadOnlySpan<char> header, char? separator, string prefix, out string? value)
    {
        value = null;
        var count = 0;
        while (!header.IsEmpty)
        {
            var entry = Next(ref header, separator);
            if (entry.StartsWith(prefix, StringComparison.Ordinal))
            {
                value = entry[prefix.Length..].ToString();
                count++;
            }
        }

        return count;
    }

    /// <summary>
    /// Decodes a signature. Only canonical base64 is accepted: no white space, and no non-zero bits after the last byte.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<char> text, SignatureEncoding encoding, Span<byte> bytes, out int length)
    {
        if (encoding == SignatureEncoding.Hex)
        {
            return Convert.FromHexString(text, bytes, out _, out length) == OperationStatus.Done;
        }

        Span<char> again = stackalloc char[(Signatures.MaxPublicKeySize + 2) / 3 * 4];
        return Convert.TryFromBase64Chars(text, bytes, out length)
            && Convert.TryToBase64Chars(bytes[..length], again, out var written)
            && text.SequenceEqual(again[..written]);
    }

    private static ReadOnlySpan<char> Next(scoped ref ReadOnlySpan<char> rest, char? separator)
    {
        var end = separator is { } character ? rest.IndexOf(character) : -1;
        var entry = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return entry.Trim();
    }
}
