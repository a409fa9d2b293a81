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

    /// <summary>A body that is compressed or no text is named, not shown: it is not decoded, and nobody could read it.</summary>
    /// <param name="codings">The answer's Content-Encoding.</param>
    public static string OfAnswer(ReadOnlySpan<byte> start, IReadOnlyList<string> codings, Func<string, string> redact)
    {
        var applied = codings.Where(coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase)).ToList();
        if (applied.Count > 0)
        {
            return Cut(redact(StorableText.Of($"({string.Join(", ", applied)}, {start.Length} bytes read)")));
        }

        var decoded = Encoding.UTF8.GetString(start);
        if (IsBinary(decoded))
        {
            return $"(binary, {start.Length} bytes read)";
        }

        var text = redact(StorableText.Of(decoded));
        return Cut(start.Length < ReadBytes ? text : text[..Math.Max(0, text.Length - Margin)]);
    }

    public static string OfError(string error, Func<string, string> redact) => Cut(redact(StorableText.Of(error)));

    // A tenth that is unreadable may still be text in an older encoding; more is none.
    private static bool IsBinary(string text) =>
        10 * text.Count(character => character == '\uFFFD' || (char.IsControl(character) && character is not ('\t' or '\n' or '\r'))) > text.Length;

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
