using System.Collections.Frozen;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>The signs of assignments, and what stands between them and a value.</summary>
internal static class Assignments
{
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Types = (
        "string str text char varchar nvarchar bytes byte securestring secretstring secret any object optional option").Split(' ')
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether it is the name of a type of text.</summary>
    public static bool IsType(ReadOnlySpan<char> name) => Types.Contains(name);

    // password string = "x", or an operator on the next line
    public static int TypedOperator(this ReadOnlySpan<char> text, int at)
    {
        var next = text.SkipSpace(at);
        if (Characters.IsLineBreak(text.CharacterAt(text.SkipBlanks(at))) && text.CharacterAt(next) is ':' or '=')
        {
            return text.Operator(next);
        }

        var type = text.SkipBlanks(at);
        // password (string): x
        if (text.CharacterAt(type) == '(' && text[type..Math.Min(text.Length, type + 16)].IndexOf(')') is > 0 and var bracket
            && text.Operator(type + bracket + 1) is >= 0 and var behind)
        {
            return behind;
        }

        type += text[type..].StartsWith("as ", StringComparison.OrdinalIgnoreCase) ? 3 : 0;
        var end = text.NameEnd(type);
        if (type == at || end == type || !IsType(text[type..end]))
        {
            return text.Operator(at);
        }

        // varchar(20)
        if (text.CharacterAt(end) == '(' && text[end..Math.Min(text.Length, end + 8)].IndexOf(')') is > 0 and var closing)
        {
            end += closing + 1;
        }

        end = text.SkipBlanks(end);
        return text.CharacterAt(end) == '='
            || (text.CharacterAt(end) == ':' && text.CharacterAt(end + 1) == '=') ? text.Operator(end)
            : text[end..].StartsWith("default ", StringComparison.OrdinalIgnoreCase) ? end + "default ".Length
            : -1;
    }

    // = : := ::= ?= += .= ??= ||= == != => -> <- || ?? or | and where they end; -1 when there is none.
    public static int Operator(this ReadOnlySpan<char> text, int at)
    {
        at = text.SkipBlanks(at);
        var sign = at;
        while (sign - at < 2 && text.CharacterAt(sign) is '?' or '+' or '.' or '|' or '!' or '*' or '&' or '<' or '~')
        {
            sign++;
        }

        if (text.CharacterAt(sign) is '=' or ':')
        {
            var end = sign;
            while (end - sign < 4 && text.CharacterAt(end) is '=' or ':')
            {
                end++;
            }

            // The scheme of an address, or the scope of a name: secret://vault, Token::new()
            var isScheme = text[sign] == ':' && end == sign + 1 && text.CharacterAt(end) == '/'
                && text.CharacterAt(end + 1) == '/';
            var isScope = text[sign..end] is "::" && char.IsAsciiLetterUpper(text.CharacterAt(end));
            return isScheme || isScope ? -1 : text.CharacterAt(end) is '>' or '~' ? end + 1 : end;
        }

        return text[at..sign] is "||" or "??" ? sign
            : text.CharacterAt(at) is '|' or '│' or '┃' or '║' or '→' or '⇒' or '≔' ? at + 1
            : text[at..].StartsWith("->") ? at + 2
            : text[at..].StartsWith("<-") ? at + 2
            : text[at..].StartsWith("<<<") ? at + 3
            : text[at..].StartsWith("or ") ? at + 3
            : -1;
    }

    // **Token:** `x`, <b>Token:</b> <code>x</code>
    public static int SkipEmphasis(this ReadOnlySpan<char> text, int at)
    {
        for (var left = 4; left > 0; left--)
        {
            if (text[Math.Min(at, text.Length)..].StartsWith(Redactor.Replacement))
            {
                break;
            }

            if (text.CharacterAt(at) == '*' && text.CharacterAt(at + 1) is '*' or ' ')
            {
                at += 2;
            }
            else if (text.CharacterAt(at) == '<' && text.TagEnd(at) is > 0 and var end && Markup.IsInline(text.TagName(at)))
            {
                at = end;
            }
            else
            {
                break;
            }

            at = text.SkipBlanks(at);
        }

        return at;
    }

    // b"x", N'x', f"x", @"x"
    public static int SkipPrefix(this ReadOnlySpan<char> text, int at)
    {
        var end = at;
        while (end - at < 2 && text.CharacterAt(end) is 'b' or 'B' or 'u' or 'U' or 'r' or 'R' or 'f' or 'F' or 'N' or 'L' or '@'
            or '$')
        {
            end++;
        }

        return end > at && text.CharacterAt(end) is '"' or '\'' ? end : at;
    }
}
