using System.Text;

namespace Aspire.Webhooks.Storage;

/// <summary>
/// Text from outside as PostgreSQL's <c>text</c> takes it, and as much of it as may be kept. A NUL or half of a surrogate pair
/// would fail the statement, and with it the settlement of the job that stores it: each is replaced by U+FFFD. All that cuts
/// such text does it here. No cut splits a surrogate pair.
/// </summary>
public static class StorableText
{
    /// <summary>The whole text; the same instance where it can be stored as it is.</summary>
    public static string Of(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0)
        {
            text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        }

        return text.Replace('\0', '\uFFFD');
    }

    /// <summary>The beginning of the text, at most so many UTF-16 code units.</summary>
    public static string Chars(string text, int max) => Slice(text, 0, max);

    /// <summary>The beginning of the text, at most so many Unicode code points: what PostgreSQL calls its length.</summary>
    public static string CodePoints(string text, int max) => text.Length <= max ? Of(text) : Fitting(Of(text), max, _ => 1);

    /// <summary>The beginning of the text, at most so many bytes of UTF-8.</summary>
    public static string Bytes(string text, int max) =>
        text.Length <= max / 3 ? Of(text) : Fitting(Of(text), max, rune => rune.Utf8SequenceLength);

    /// <summary>A part of the text, in UTF-16 code units. What lies outside of the text is left out.</summary>
    public static string Slice(string text, int offset, int length)
    {
        var start = Math.Clamp(offset, 0, text.Length);
        var end = start + Math.Min(length, text.Length - start);
        start = IsInsidePair(text, start) ? start + 1 : start;
        end = IsInsidePair(text, end) ? end - 1 : end;
        return start < end ? Of(text[start..end]) : "";
    }

    /// <summary>The text without secrets, to be cut afterwards.</summary>
    /// <param name="text">What there is of it, bounded by the caller.</param>
    /// <param name="redact">Takes out secrets. It is given what would be stored.</param>
    /// <param name="margin">
    /// How many bytes of UTF-8 are left out at the end, where the text goes on behind what there is of it: a secret that is cut
    /// in two is not recognised. No part is left of one that takes no more bytes. 0 where the text is whole.
    /// </param>
    public static string Redacted(string text, Func<string, string> redact, int margin = 0)
    {
        var redacted = Of(redact(Of(text)));
        return margin == 0 ? redacted : Bytes(redacted, Math.Max(0, Encoding.UTF8.GetByteCount(redacted) - margin));
    }

    private static string Fitting(string text, int max, Func<Rune, int> size)
    {
        var taken = 0;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            taken += size(rune);
            if (taken > max)
            {
                return text[..length];
            }

            length += rune.Utf16SequenceLength;
        }

        return text;
    }

    private static bool IsInsidePair(string text, int at) =>
        at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]);
}
