namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>What stands at a place of a text. None of these looks farther than a bound, but to a line's end.</summary>
internal static class Characters
{
    // How many characters before a sign may be the name that it assigns to.
    private const int MaxPairName = 64;

    /// <summary>Whether it is part of a name: <c>spring.datasource-1.pass_word</c>.</summary>
    public static bool IsName(char character) =>
        char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.' || (character > 127 && char.IsLetter(character));

    public static bool IsBlank(char character) => character is ' ' or '\t';

    public static bool IsLineBreak(char character) => character is '\r' or '\n';

    public static bool IsOpening(char character) => character is '[' or '{' or '(';

    public static bool IsClosing(char character) => character is ']' or '}' or ')';

    /// <summary>The character, NUL outside of the text.</summary>
    public static char CharacterAt(this ReadOnlySpan<char> text, int at) => (uint)at < (uint)text.Length ? text[at] : '\0';

    public static int SkipBlanks(this ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && IsBlank(text[at]))
        {
            at++;
        }

        return at;
    }

    public static int SkipSpace(this ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>Behind the line break at a place.</summary>
    public static int SkipLineBreak(this ReadOnlySpan<char> text, int at) =>
        text.CharacterAt(at) == '\r' && text.CharacterAt(at + 1) == '\n' ? at + 2 : at + 1;

    /// <summary>Whether no letter or digit stands around a part of the text, but those of escapes before it.</summary>
    public static bool IsWord(this ReadOnlySpan<char> text, int at, int length) =>
        !char.IsLetterOrDigit(text.CharacterAt(at + length))
            && (!char.IsLetterOrDigit(text.CharacterAt(at - 1)) || text.EndsEscape(at));

    /// <summary>
    /// Whether an escape ends before a place, whose last letter or digit is no part of a word: %3D, \n, \u003d.
    /// </summary>
    public static bool EndsEscape(this ReadOnlySpan<char> text, int at) =>
        text[..at] is [.., '\\', 'n' or 'r' or 't'] or [.., '%', _, _] or [.., '\\', 'u', _, _, _, _];

    /// <summary>Where the name that goes on at a place ends.</summary>
    public static int NameEnd(this ReadOnlySpan<char> text, int at)
    {
        var last = Math.Min(text.Length, at + CredentialName.MaxLength);
        while (at < last && IsName(text[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>Where the name that goes on before a place begins.</summary>
    public static int NameStart(this ReadOnlySpan<char> text, int at)
    {
        var first = Math.Max(0, at - CredentialName.MaxLength);
        while (at > first && IsName(text[at - 1]))
        {
            at--;
        }

        return at;
    }

    /// <summary>The quotation mark at a place, with as many backslashes as it is escaped with; NUL when there is none.</summary>
    public static (char Mark, int Length) QuoteAt(this ReadOnlySpan<char> text, int at)
    {
        var mark = at;
        while (mark < text.Length && text[mark] == '\\' && mark - at < 8)
        {
            mark++;
        }

        return ClosingOf(text.CharacterAt(mark)) == '\0' ? ('\0', 0) : (text[mark], mark - at + 1);
    }

    /// <summary>The quotation mark that ends before a place, likewise.</summary>
    public static (char Mark, int Length) QuoteBefore(this ReadOnlySpan<char> text, int at)
    {
        if (ClosingOf(text.CharacterAt(at - 1)) == '\0')
        {
            return ('\0', 0);
        }

        var start = at - 1;
        while (start > 0 && text[start - 1] == '\\' && at - start < 8)
        {
            start--;
        }

        return (text[at - 1], at - start);
    }

    /// <summary>What ends a quotation that begins so.</summary>
    public static char ClosingOf(char opening) => opening switch
    {
        '"' or '\'' or '`' => opening,
        '“' or '„' => '”',
        '‘' => '’',
        '«' => '»',
        _ => '\0',
    };

    /// <summary>Where the value ends that stands without quotation marks, and a last place to look at.</summary>
    public static int BareEnd(this ReadOnlySpan<char> text, int from, int last = int.MaxValue)
    {
        var open = 0;
        last = Math.Min(last, text.Length);
        for (var at = from; at < last; at++)
        {
            var character = text[at];
            if (char.IsAsciiLetterOrDigit(character))
            {
                continue;
            }

            var next = text.CharacterAt(at + 1);
            if (IsOpening(character))
            {
                open++;
            }
            else if (IsClosing(character) && open-- == 0 && !char.IsAsciiLetterOrDigit(next) && at > from)
            {
                return at;
            }
            else if (
                char.IsWhiteSpace(character) || IsEnd(character, next, at > from)
                    || (character is '&' or ',' or ';' && text.IsPair(at + 1)))
            {
                return at;
            }
        }

        return Math.Max(from, last);
    }

    /// <summary>Whether another assignment begins at a place: user=5, amp;user=5, Server=…</summary>
    public static bool IsPair(this ReadOnlySpan<char> text, int at)
    {
        at = text.SkipBlanks(at);
        if (text[Math.Min(at, text.Length)..].StartsWith("amp;", StringComparison.Ordinal))
        {
            at += 4;
        }

        var start = at;
        while (at < text.Length && at - start < MaxPairName && (IsName(text[at]) || text[at] is '%' or '[' or ']' or '*'))
        {
            at++;
        }

        return at > start && text.CharacterAt(at) is '=' or ':';
    }

    private static bool IsEnd(char character, char next, bool isWithin) => character switch
    {
        // abc"def; an asterisk may begin what was taken out before.
        '"' or '\'' or '`' => !isWithin || !(char.IsAsciiLetterOrDigit(next) || next == '*'),
        '”' or '’' or '»' => true,
        '\\' => next is 'n' or 'r' or 't' or '"' or '\'' or '\r' or '\n',
        '<' => next is '/' or '!' || char.IsAsciiLetter(next),
        '>' or '|' => !char.IsAsciiLetterOrDigit(next),
        ',' or ';' => isWithin && next is '\0' or '"' or '\'' or '\\' || char.IsWhiteSpace(next),
        _ => false,
    };
}
