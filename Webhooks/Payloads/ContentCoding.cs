using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;

namespace Aspire.Webhooks.Payloads;

/// <summary>
/// Content codings of HTTP (RFC 9110, section 8.4.1): signatures are over the coded bytes, readers want the others.
/// </summary>
public static class ContentCoding
{
    /// <summary>Undoes a coding.</summary>
    /// <param name="coding">As Content-Encoding names it: <c>gzip</c>, <c>x-gzip</c>, <c>deflate</c> or <c>br</c>, a single
    /// one.</param>
    /// <param name="body">The coded bytes.</param>
    /// <param name="maxBytes">What may come out at most; no more than that is ever held.</param>
    /// <param name="inflated">The plain bytes.</param>
    public static InflateResult TryInflate(string coding, byte[] body, int maxBytes, [NotNullWhen(true)] out byte[]? inflated)
    {
        inflated = null;
        if (Open(coding, new MemoryStream(body, writable: false)) is not { } stream)
        {
            return InflateResult.UnknownCoding;
        }

        using (stream)
        {
            try
            {
                using var output = new MemoryStream();
                var buffer = new byte[16 * 1024];
                for (int read; (read = stream.Read(buffer)) > 0;)
                {
                    if (output.Length + read > maxBytes)
                    {
                        return InflateResult.TooLarge;
                    }

                    output.Write(buffer, 0, read);
                }

                inflated = output.ToArray();
                return InflateResult.Done;
            }
            catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException or IOException)
            {
                return InflateResult.Malformed;
            }
        }
    }

    // HTTP's "deflate" is the zlib format (RFC 9110, section 8.4.1.2).
    private static Stream? Open(string coding, Stream body) => coding.ToLowerInvariant() switch
    {
        "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress),
        "deflate" => new ZLibStream(body, CompressionMode.Decompress),
        "br" => new BrotliStream(body, CompressionMode.Decompress),
        _ => null,
    };
}

/// <summary>How inflating a body ended.</summary>
public enum InflateResult
{
    Done,

    /// <summary>Not one of ours.</summary>
    UnknownCoding,

    /// <summary>More bytes than allowed came out.</summary>
    TooLarge,

    /// <summary>The bytes are not of that coding. Bytes that end too early inflate to less; what they held must tell.</summary>
    Malformed,
}
