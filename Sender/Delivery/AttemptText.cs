using System.Text;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>Prepares text from endpoints for the attempt log: redacted, and at most 4 KiB of UTF-8.</summary>
public static class AttemptText
{
    private const int MaxBytes = 4096;

    // A secret that is cut in two is not recognized. So more is read than kept, and the end of it is left out. A custom header
    // has up to 1024 characters, and up to three times as many when it is echoed URL-encoded or in hex.
    private const int Margin = 4096;

    /// <summary>The number of bytes of an answer that are read.</summary>
    public const int ReadBytes = MaxBytes + Margin;

    /// <summary>Returns the text of an answer. A body that is compressed or not text is described instead.</summary>
    /// <param name="start">The start of the body, at most <see cref="ReadBytes"/>.</param>
    /// <param name="codings">The Content-Encoding of the answer.</param>
    /// <param name="redact">Redacts a text.</param>
    public static string OfAnswer(ReadOnlySpan<byte> start, IReadOnlyList<string> codings, Func<string, string> redact)
    {
        var applied = codings.Where(coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase)).ToList();
        if (applied.Count > 0)
        {
            return OfText($"({string.Join(", ", applied)}, {start.Length} bytes read)", redact);
        }

        var decoded = Encoding.UTF8.GetString(start);
        if (IsBinary(decoded))
        {
            return $"(binary, {start.Length} bytes read)";
        }

        return Kept(decoded, isCut: start.Length >= ReadBytes, redact);
    }

    public static string OfError(string error, Func<string, string> redact) => OfText(error, redact);

    private static string OfText(string text, Func<string, string> redact)
    {
        var start = StorableText.Bytes(text, ReadBytes);
        return Kept(start, isCut: start.Length < text.Length, redact);
    }

    private static string Kept(string start, bool isCut, Func<string, string> redact) =>
        StorableText.Bytes(StorableText.Redacted(start, redact, isCut ? Margin : 0), MaxBytes);

    // Up to a tenth of unreadable characters may be text in an older encoding. More means that the body is not text.
    private static bool IsBinary(string text) =>
        10 * text.Count(IsUnreadable) > text.Length;

    private static bool IsUnreadable(char character) =>
        character == '\uFFFD' || (char.IsControl(character) && character is not ('\t' or '\n' or '\r'));
}
