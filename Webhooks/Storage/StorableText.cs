using System.Text;

namespace Aspire.Webhooks.Storage;

/// <summary>
/// Makes text from outside storable as PostgreSQL's <c>text</c>, and cuts it. A NUL or half of a surrogate pair would fail the
/// statement, and with it the settlement of the job that stores it. So each is replaced by U+FFFD. All code that cuts such text
/// uses this class. Lengths are Unicode code points, as PostgreSQL counts them, so that no cut splits a surrogate pair.
/// </summary>
public static class StorableText
{
    /// <summary>Returns the whole text. It is the same instance when it can be stored unchanged.</summary>
    public static string Of(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0)
        {
            text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        }

        return text.Replace('\0', '\uFFFD');
    }

    /// <summary>Returns the length of the text.</summary>
    public static int Length(string text)
    {
        // Each surrogate pair is one code point; half of a pair counts as the U+FFFD that is stored in its place.
        var length = text.Length;
        for (var at = 1; at < text.Length; at++)
        {
            if (IsInsidePair(text, at))
            {
                length--;
                at++;
            }
        }

        return length;
    }

    /// <summary>Returns whether the text is longer than so many code points.</summary>
    public static bool IsLonger(string text, int max) => text.Length > max && Length(text) > max;

    /// <summary>
    /// Returns whether the text is a line for a column of so many code points: neither empty nor too long, and without control
    /// characters, which PostgreSQL (NUL) or a log (line breaks) cannot hold.
    /// </summary>
    public static bool IsLine(string text, int max) => text.Length > 0 && !IsLonger(text, max) && !text.Any(char.IsControl);

    /// <summary>Returns the beginning of the text, at most so many code points.</summary>
    public static string CodePoints(string text, int max) => text.Length <= max ? Of(text) : Fitting(Of(text), max, _ => 1);

    /// <summary>Returns the beginning of the text, at most so many bytes of UTF-8.</summary>
    public static string Bytes(string text, int max) =>
        text.Length <= max / 3 ? Of(text) : Fitting(Of(text), max, rune => rune.Utf8SequenceLength);

    /// <summary>Returns a part of the text, which may extend beyond it.</summary>
    public static string Slice(string text, int offset, int length)
    {
        var storable = Of(text);
        return CodePoints(storable[Fitting(storable, offset, _ => 1).Length..], length);
    }

    /// <summary>Redacts a text. Cut the result, not the text: a secret that is cut in two is not recognised.</summary>
    /// <param name="text">The text, or its beginning if it is too long.</param>
    /// <param name="redact">Replaces secrets. It is called with the text as it would be stored.</param>
    /// <param name="margin">
    /// How many bytes of UTF-8 to drop from the end when <paramref name="text"/> is only a beginning. Nothing is left then of a
    /// secret of up to so many bytes that is cut in two by the end. 0 when the text is whole.
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
