using System.Collections.Frozen;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>The tags of XML and HTML.</summary>
internal static class Markup
{
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> InlineTags =
        "b strong em i code span tt kbd pre font u a br td th dd p div".Split(' ')
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether it is the name of a tag that may stand between a name and its value.</summary>
    public static bool IsInline(ReadOnlySpan<char> tag) => InlineTags.Contains(tag);

    // <password>, <wsse:Password
    public static bool IsTag(this ReadOnlySpan<char> text, int start, int end)
    {
        if (text.CharacterAt(end) is ':' or '=')
        {
            return false;
        }

        var at = start;
        if (text.CharacterAt(at - 1) == ':')
        {
            at = text.NameStart(at - 1);
        }

        return text.CharacterAt(at - 1) == '<';
    }

    // Behind the tag that begins at a place; -1 where none does.
    public static int TagEnd(this ReadOnlySpan<char> text, int at)
    {
        if (text.CharacterAt(at + 1) != '/' && !char.IsAsciiLetter(text.CharacterAt(at + 1)))
        {
            return -1;
        }

        var end = text[(at + 1)..Math.Min(text.Length, at + ValueCuts.Reach)].IndexOfAny('<', '>');
        return end >= 0 && text[at + 1 + end] == '>' ? at + end + 2 : -1;
    }

    public static ReadOnlySpan<char> TagName(this ReadOnlySpan<char> text, int at)
    {
        var start = text.CharacterAt(at + 1) == '/' ? at + 2 : at + 1;
        return text[start..text.NameEnd(start)];
    }
}
