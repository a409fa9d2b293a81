using System.Buffers;
using System.Globalization;
using System.Text;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Text for people and models who decide by what they see.</summary>
public static class VisibleText
{
    // Most text is of these alone, and to look for others is a tenth of the time of judging each.
    private static readonly SearchValues<char> Seen =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code), '\t', '\n']);

    /// <summary>
    /// The same text with characters spelt out that are not seen or that change the order of what is seen: controls but for tab
    /// and line feed, format characters (zero width, bidirectional, tags), line and paragraph separators, private use,
    /// unassigned, and halves of surrogate pairs.
    /// </summary>
    public static string Of(string text)
    {
        StringBuilder? visible = null;
        var rest = text.AsSpan();
        var seen = 0;
        while (seen < text.Length)
        {
            if (rest[seen..].IndexOfAnyExcept(Seen) is not 0 and var plain)
            {
                plain = plain < 0 ? text.Length - seen : plain;
                visible?.Append(text, seen, plain);
                seen += plain;
                continue;
            }

            var status = Rune.DecodeFromUtf16(rest[seen..], out var rune, out var length);
            if (status != OperationStatus.Done || IsHidden(rune))
            {
                visible ??= new StringBuilder(text.Length + 16).Append(text, 0, seen);
                var code = status == OperationStatus.Done ? rune.Value : text[seen];
                visible.Append(CultureInfo.InvariantCulture, $"<U+{code:X4}>");
            }
            else
            {
                visible?.Append(text, seen, length);
            }

            seen += length;
        }

        return visible?.ToString() ?? text;
    }

    private static bool IsHidden(Rune rune) => rune.Value is not ('\t' or '\n')
        && (IsTagOrVariation(rune) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate);

    // Variation selectors beyond those of emoji carry bytes that nobody sees; Hangul fillers are letters without a shape.
    private static bool IsTagOrVariation(Rune rune) => rune.Value is (>= 0xFE00 and <= 0xFE0E) or (>= 0xE0000 and <= 0xE0FFF)
        or 0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x2800;
}
