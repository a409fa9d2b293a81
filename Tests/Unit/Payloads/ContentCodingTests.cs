using System.IO.Compression;
using System.Text;
using Aspire.Webhooks.Payloads;

namespace Aspire.Webhooks.Tests.Unit.Payloads;

public sealed class ContentCodingTests
{
    public static TheoryData<string> Codings => ["gzip", "x-gzip", "deflate", "br", "GZIP"];

    [Theory]
    [MemberData(nameof(Codings))]
    public void What_was_coded_comes_back(string coding)
    {
        var body = Encoding.UTF8.GetBytes("""{"a":"bcdefghijklmnopqrstuvwxyz"}""");

        Assert.Equal(InflateResult.Done, ContentCoding.TryInflate(coding, Coded(coding, body), 1000, out var inflated));
        Assert.Equal(body, inflated);
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public void More_than_the_limit_is_too_large(string coding)
    {
        var bomb = Coded(coding, new byte[10_000_000]);

        Assert.Equal(InflateResult.TooLarge, ContentCoding.TryInflate(coding, bomb, 9_999_999, out _));
        Assert.Equal(InflateResult.Done, ContentCoding.TryInflate(coding, bomb, 10_000_000, out _));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public void What_was_not_coded_is_malformed(string coding) =>
        Assert.Equal(InflateResult.Malformed, ContentCoding.TryInflate(coding, "not coded at all"u8.ToArray(), 1000, out _));

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, br")]
    [InlineData("")]
    public void Any_other_coding_is_unknown(string coding) =>
        Assert.Equal(InflateResult.UnknownCoding, ContentCoding.TryInflate(coding, [1], 1000, out _));

    internal static byte[] Coded(string coding, byte[] body)
    {
        using var coded = new MemoryStream();
        using (Stream stream = coding.ToLowerInvariant() switch
        {
            "br" => new BrotliStream(coded, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(coded, CompressionLevel.Fastest),
            _ => new GZipStream(coded, CompressionLevel.Fastest),
        })
        {
            stream.Write(body);
        }

        return coded.ToArray();
    }
}
