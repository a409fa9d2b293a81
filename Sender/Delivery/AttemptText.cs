using System.Text;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>What the attempt log keeps of text that an endpoint had a hand in: redacted, at most 4 KiB of UTF-8.</summary>
public static class AttemptText
{
    private const int MaxBytes = 4096;

    // A secret that is cut in two is not recognised: more is read than kept, and the end of what was read is left out. A custom
    // header has up to 1024 characters, and up to three times as many when it is sent back URL-encoded or in hex.
    private const int Margin = 4096;

    /// <summary>How much of an answer is read, in bytes.</summary>
    public const int ReadBytes = MaxBytes + Margin;

    /// <summary>A body that is compressed or no text is named, not shown: it is not decoded, and nobody could read it.</summary>
    /// <param name="start">The beginning of the answer, at most <see cref="ReadBytes"/> of it.</param>
    /// <param name="codings">The answer's Content-Encoding.</param>
    /// <param name="redact">Takes out secrets.</param>
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

    // A tenth that is unreadable may still be text in an older encoding; more is none.
    private static bool IsBinary(string text) =>
        10 * text.Count(IsUnreadable) > text.Length;

    private static bool IsUnreadable(char character) =>
        character == '\uFFFD' || (char.IsControl(character) && character is not ('\t' or '\n' or '\r'));
}
