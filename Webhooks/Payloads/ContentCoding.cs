using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;

namespace Aspire.Webhooks.Payloads;

/// <summary>
/// Decodes HTTP content codings (RFC 9110, section 8.4.1). Signatures cover the encoded bytes; everything else needs the
/// decoded ones.
/// </summary>
public static class ContentCoding
{
    /// <summary>Decodes a body.</summary>
    /// <param name="coding">One coding as Content-Encoding names it: <c>gzip</c>, <c>x-gzip</c>, <c>deflate</c> or
    /// <c>br</c>.</param>
    /// <param name="body">The encoded bytes.</param>
    /// <param name="maxBytes">The largest size of the decoded body. Decoding stops there, so memory stays bounded.</param>
    /// <param name="inflated">The decoded bytes.</param>
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

/// <summary>The result of decoding a body.</summary>
public enum InflateResult
{
    Done,

    /// <summary>The coding is not supported.</summary>
    UnknownCoding,

    /// <summary>The decoded body exceeds the limit.</summary>
    TooLarge,

    /// <summary>
    /// The bytes are not valid for the coding. Truncated input is not detected: it decodes to fewer bytes, and the parser of
    /// the content has to notice.
    /// </summary>
    Malformed,
}
