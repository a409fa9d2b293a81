using System.Buffers;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Finds what stands in the column whose heading a name is: of tables in Markdown and on consoles, of CSV, and of
/// rows that SQL inserts. A table is read once for each credential's name in its heading, so that time is linear in the
/// text.</summary>
internal readonly ref struct TableColumn(ValueCuts values)
{
    // How long a heading can be.
    private const int MaxHeading = 512;
    private const int MaxColumns = 1024;
    private const int MaxTuple = 2048;

    private static readonly SearchValues<char> Rules = SearchValues.Create("-+=|: \t─━═┼╪╬├┤│┃║");
    private static readonly SearchValues<char> Strokes = SearchValues.Create("-=─━═");
    private static readonly SearchValues<char> NoHeadings = SearchValues.Create("(){}<>=@/\\?&$%!");

    private readonly ValueCuts _values = values;
    private readonly ReadOnlySpan<char> _text = values.Text;

    /// <summary>
    /// Adds the cells below the name to the cuts, or the values that stand at its place. False when there are none.
    /// </summary>
    public bool Find(int start, int end, NameKind kind) => InLines(start, end, kind) || InSql(start, end, kind);

    // | user | password |        user,password
    // |------|----------|        bob,x
    // | bob  | x        |
    private bool InLines(int start, int end, NameKind kind)
    {
        var line = Math.Max(0, start - MaxHeading);
        var before = _text[line..start].LastIndexOfAny('\r', '\n');
        var length = _text[end..Math.Min(_text.Length, end + MaxHeading)].IndexOfAny('\r', '\n');
        if (length < 0 || (before < 0 && line > 0))
        {
            return false;
        }

        line += before + 1;
        var heading = _text[line..(end + length)];
        var sign = Delimiter(heading, start - line, end - line);
        if (sign == '\0' || heading.ContainsAny(NoHeadings))
        {
            return false;
        }

        var next = _text.SkipLineBreak(end + length);
        var columns = heading.Count(sign);
        if (Row(next) is var rule && rule.IndexOfAnyExcept(Rules) < 0 && rule.ContainsAny(Strokes))
        {
            next = _text.SkipLineBreak(next + rule.Length);
        }
        else if (sign == '|' || Row(next).Count(sign) != columns || !IsFirst(line, sign, columns))
        {
            return false;
        }

        var column = heading[..(start - line)].Count(sign);
        var found = false;
        while (next < _text.Length && Row(next) is var row && row.Count(sign) == columns && row.IndexOfAnyExcept(Rules) >= 0)
        {
            var (from, to) = Cell(row, sign, column);
            found |= _values.Cut(next + from, next + to, kind);
            next = _text.SkipLineBreak(next + row.Length);
        }

        return found;
    }

    // What separates the name from its neighbours.
    private static char Delimiter(ReadOnlySpan<char> heading, int start, int end)
    {
        var (after, before) = (SkipQuotes(heading, end), start);
        while (before > 0 && heading[before - 1] is ' ' or '"' or '\'' or '*' or '`')
        {
            before--;
        }

        var sign = heading.CharacterAt(after);
        sign = sign is '\0' ? heading.CharacterAt(before - 1) : sign;
        return sign is '|' or ',' or ';' or '\t' ? sign : sign is '│' or '┃' or '║' ? sign : '\0';
    }

    private static int SkipQuotes(ReadOnlySpan<char> heading, int at)
    {
        while (at < heading.Length && heading[at] is ' ' or '"' or '\'' or '*' or '`')
        {
            at++;
        }

        return at;
    }

    private ReadOnlySpan<char> Row(int at)
    {
        var rest = _text[Math.Min(at, _text.Length)..];
        var length = rest.IndexOfAny('\r', '\n');
        return length < 0 ? rest : rest[..length];
    }

    // Whether no line before is of the same table.
    private bool IsFirst(int line, char sign, int columns)
    {
        if (line == 0)
        {
            return true;
        }

        var end = line - 1;
        end -= end > 0 && _text[end] == '\n' && _text[end - 1] == '\r' ? 1 : 0;
        var start = Math.Max(0, end - MaxHeading);
        var lineBreak = _text[start..end].LastIndexOfAny('\r', '\n');
        // One that is longer may be a row: then each heading among such rows would read all that follow.
        return (lineBreak >= 0 || start == 0) && _text[(start + lineBreak + 1)..end].Count(sign) != columns;
    }

    private static (int From, int To) Cell(ReadOnlySpan<char> row, char sign, int column)
    {
        var from = 0;
        for (; column > 0; column--)
        {
            from += row[from..].IndexOf(sign) + 1;
        }

        var length = row[from..].IndexOf(sign);
        return Bare(row, from, length < 0 ? row.Length : from + length);
    }

    // insert into users (name, password) values ('bob', 'x'), ('eve', 'y')
    private bool InSql(int start, int end, NameKind kind)
    {
        var opening = _text[Math.Max(0, start - MaxColumns)..start].LastIndexOfAny('(', ')', ';');
        var closing = _text[end..Math.Min(_text.Length, end + MaxColumns)].IndexOfAny('(', ')', ';');
        if (opening < 0 || closing < 0)
        {
            return false;
        }

        (opening, closing) = (Math.Max(0, start - MaxColumns) + opening, end + closing);
        var at = _text.SkipSpace(closing + 1);
        if (_text[opening] != '(' || _text[closing] != ')'
            || !_text[at..].StartsWith("values", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var column = _text[opening..start].Count(',');
        var found = false;
        at = _text.SkipSpace(at + "values".Length);
        while (_text.CharacterAt(at) == '(')
        {
            at = Tuple(at + 1, column, kind, ref found);
            at = _text.SkipSpace(at);
            if (_text.CharacterAt(at) != ',')
            {
                break;
            }

            at = _text.SkipSpace(at + 1);
        }

        return found;
    }

    // Cuts the item of a column; returns the place behind the closing bracket.
    private int Tuple(int at, int column, NameKind kind, ref bool found)
    {
        var (depth, from, last) = (0, at, Math.Min(_text.Length, at + MaxTuple));
        for (; at < last; at++)
        {
            var character = _text[at];
            if (character is '\'' or '"')
            {
                var closing = _text[(at + 1)..].IndexOf(character);
                at = closing < 0 ? _text.Length : at + 1 + closing;
            }
            else if (character == '(')
            {
                depth++;
            }
            else if ((character is ',' or ')') && depth == 0)
            {
                if (column-- == 0)
                {
                    found |= Item(from, at, kind);
                }

                from = at + 1;
                if (character == ')')
                {
                    return at + 1;
                }
            }
            else if (character == ')')
            {
                depth--;
            }
        }

        return at;
    }

    // 'x', N'x', or something that looks like a credential by itself.
    private bool Item(int from, int to, NameKind kind)
    {
        (from, to) = Bare(_text, from, to, quotes: "");
        var opening = _text[from..to].IndexOf('\'');
        return opening is 0 or 1 && to - from > opening + 1 && _text[to - 1] == '\''
            ? _values.Cut(from + opening + 1, to - 1, kind)
            : _values.Cut(from, to, kind == NameKind.Certain ? NameKind.Random : kind);
    }

    // Without blanks and signs of quotation and emphasis.
    private static (int From, int To) Bare(ReadOnlySpan<char> text, int from, int to, string quotes = "\"'*`")
    {
        while (from < to && (char.IsWhiteSpace(text[from]) || quotes.Contains(text[from], StringComparison.Ordinal)))
        {
            from++;
        }

        while (to > from && (char.IsWhiteSpace(text[to - 1]) || quotes.Contains(text[to - 1], StringComparison.Ordinal)))
        {
            to--;
        }

        return (from, to);
    }
}
