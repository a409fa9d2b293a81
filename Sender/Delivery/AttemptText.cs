using System.Text;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>What the attempt log keeps of text that an endpoint had a hand in: redacted, at most 4 KiB of UTF-8.</summary>
internal static class AttemptText
{
    private const int MaxBytes = 4096;

    // A credential that is cut in two is not recognised: more is read than kept, and the end of what was read is left out.
    private const int Margin = 1024;

    /// <summary>How much of an answer is read.</summary>
    public const int ReadBytes = 2 * MaxBytes;

    public static string OfAnswer(ReadOnlySpan<byte> start, Func<string, string> redact)
    {
        var text = redact(StorableText.Of(Encoding.UTF8.GetString(start)));
        return Cut(start.Length < ReadBytes ? text : text[..Math.Max(0, text.Length - Margin)]);
    }

    public static string OfError(string error, Func<string, string> redact) => Cut(redact(StorableText.Of(error)));

    private static string Cut(string text)
    {
        var bytes = 0;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxBytes)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
