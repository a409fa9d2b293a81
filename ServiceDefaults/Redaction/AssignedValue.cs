using static Aspire.Webhooks.ServiceDefaults.Redaction.ValueCuts;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Finds the value that is assigned to a name.</summary>
internal readonly ref struct AssignedValue(ValueCuts values)
{
    // How far behind a sign a value can begin.
    private const int MaxSpace = 100;

    private readonly ValueCuts _values = values;
    private readonly ReadOnlySpan<char> _text = values.Text;

    // What stands behind an operator.
    public bool Find(int at, NamePlace name)
    {
        if (List(at, name))
        {
            return true;
        }

        at = Opening(at, name);
        if (at < 0 || at >= _text.Length)
        {
            return false;
        }

        if (_text[at] is '|' or '>' && Block(at, name))
        {
            return true;
        }

        // !!str x, !vault |, &anchor x
        if (_text[at] is '!' or '&' && Tagged(at) is > 0 and var tagged)
        {
            return Find(tagged, name);
        }

        if (Characters.IsOpening(_text[at]))
        {
            var hasStrings = false;
            if (new StructuredValue(_values).Find(at, name.Kind, ref hasStrings) || hasStrings)
            {
                return true;
            }
        }

        at = _text.SkipPrefix(at);
        var mark = _text.QuoteAt(at).Mark;
        // "Password: " ends a quotation.
        return mark == '\0'
            ? Bare(at, name)
            : (name.Quote != '\0' || mark != _text.CharacterAt(name.Before - 1)) && Quoted(at, name.Kind);
    }

    private int Tagged(int at)
    {
        var tag = at + (_text.CharacterAt(at + 1) == '!' ? 2 : 1);
        var end = _text.NameEnd(tag);
        return end > tag && _text.CharacterAt(end) == ' ' ? end + 1 : -1;
    }

    // Where the value begins: behind blanks, emphasis and line breaks.
    private int Opening(int at, NamePlace name)
    {
        at = _text.SkipEmphasis(_text.SkipBlanks(at));
        // In a form, a blank is a plus sign.
        at += _text.CharacterAt(at) == '+' && _text.QuoteAt(at + 1).Mark != '\0' ? 1 : 0;
        if (!Characters.IsLineBreak(_text.CharacterAt(at)))
        {
            return at;
        }

        var first = _text[..Math.Min(_text.Length, at + MaxSpace)].SkipSpace(at);
        var next = at + _text[at..first].LastIndexOfAny('\r', '\n') + 1;
        if (first >= _text.Length || char.IsWhiteSpace(_text[first]))
        {
            return -1;
        }

        var isIndented = first - next > Indentation(name.Before);

        // The next line may be another pair; of one that belongs to this name the value counts.
        var word = _text.NameEnd(first);
        if (name.Quote == '\0' && word > first && _text.Operator(word) is >= 0 and var value)
        {
            return isIndented && Related.IsPart(_text[first..word]) ? _text.SkipBlanks(value) : -1;
        }

        return isIndented || name.Quote != '\0' || name.Kind >= NameKind.Certain ? _text.SkipEmphasis(first) : -1;
    }

    // Lines below that begin with a dash.
    private bool List(int at, NamePlace name)
    {
        at = _text.SkipBlanks(at);
        if (!Characters.IsLineBreak(_text.CharacterAt(at)))
        {
            return false;
        }

        var found = false;
        var last = Math.Min(_text.Length, at + StructureReach);
        for (var line = _text.SkipLineBreak(at); line < last;)
        {
            var dash = _text.SkipBlanks(line);
            if (_text.CharacterAt(dash) != '-' || _text.CharacterAt(dash + 1) != ' ')
            {
                break;
            }

            var item = _text.SkipPrefix(_text.SkipBlanks(dash + 1));
            if (_text.QuoteAt(item).Mark != '\0')
            {
                found |= Quoted(item, name.Kind);
            }
            else if (_text.CharacterAt(_text.NameEnd(item)) != ':')
            {
                found |= Bare(item, name);
            }

            var length = _text[dash..].IndexOfAny('\r', '\n');
            line = length < 0 ? last : _text.SkipLineBreak(dash + length);
        }

        return found;
    }

    // |
    //   the lines that are indented deeper
    private bool Block(int at, NamePlace name)
    {
        var sign = at + 1;
        while (sign - at < 3 && _text.CharacterAt(sign) is '-' or '+' or (>= '0' and <= '9'))
        {
            sign++;
        }

        sign = _text.SkipBlanks(sign);
        if (!Characters.IsLineBreak(_text.CharacterAt(sign)))
        {
            return false;
        }

        var indentation = Indentation(name.Before);
        var (from, to) = (-1, -1);
        for (var line = _text.SkipLineBreak(sign); line < _values.Last(at, name.Kind);)
        {
            var first = _text.SkipBlanks(line);
            var length = _text[first..].IndexOfAny('\r', '\n');
            var end = length < 0 ? _text.Length : first + length;
            if (first < end)
            {
                if (first - line <= indentation)
                {
                    break;
                }

                (from, to) = (from < 0 ? first : from, end);
            }

            line = _text.SkipLineBreak(end);
        }

        return from >= 0 && _values.Cut(from, to, name.Kind);
    }

    private int Indentation(int at)
    {
        var line = Math.Max(0, at - Reach);
        var start = at - line > 0 && _text[line..at].LastIndexOfAny('\r', '\n') is >= 0 and var lineBreak
            ? line + lineBreak + 1
            : line;
        var first = _text.SkipBlanks(start);
        // A list's item is as deep as what stands in it.
        return first - start + (_text.CharacterAt(first) == '-' && _text.CharacterAt(first + 1) == ' ' ? 2 : 0);
    }

    // Up to the closing mark, or to the line's end where the text was cut off.
    public bool Quoted(int at, NameKind kind)
    {
        var (mark, length) = _text.QuoteAt(at);
        var from = at + length;
        // """x""", and ""x"" in tables; "" alone is empty.
        var doubled = 0;
        while (doubled < 3 && _text.CharacterAt(from + doubled) == mark)
        {
            doubled++;
        }

        if (doubled == 1 && !char.IsLetterOrDigit(_text.CharacterAt(from + 1)))
        {
            return false;
        }

        from += doubled;

        // It was no opening mark: "Your password: " + password
        if (_text.CharacterAt(from) is ')' or ',' or ';' or '+' or '}' or ']' or '\r' or '\n' or '\0'
            || (_text.CharacterAt(from) == ' ' && _text.CharacterAt(_text.SkipBlanks(from)) is '+' or '.' or '&' or '<' or '%'
                or ',' or ')' or ':' or '?' or '|'))
        {
            return false;
        }

        var to = QuotedEnd(from, _values.Last(at, kind), mark, length > 1);
        // A command whose output is meant: `cat token`
        if (mark == '`' && _text[from..to].Contains(' '))
        {
            return false;
        }

        while (length > 1 && to > from && _text[to - 1] == '\\')
        {
            to--;
        }

        return _values.Cut(from, to, kind);
    }

    private int QuotedEnd(int from, int last, char mark, bool isEscaped)
    {
        var closing = Characters.ClosingOf(mark);
        for (var to = from; to < last; to++)
        {
            var character = _text[to];
            if (character == '\\' && !isEscaped && mark != '`')
            {
                to++;
            }
            else if (
                character == '\'' && mark == '\'' && !isEscaped && _text.CharacterAt(to + 1) == '\''
                    && char.IsLetterOrDigit(_text.CharacterAt(to + 2)))
            {
                // 'it''s'
                to++;
            }
            else if (character == closing || (Characters.IsLineBreak(character) && mark != '`'))
            {
                return to;
            }
        }

        return last;
    }

    private bool Bare(int at, NamePlace name)
    {
        var isHeader = _text.CharacterAt(_text.SkipBlanks(name.After)) == ':' && _text[name.Start..name.End].Contains('-');
        if (name.Kind is NameKind.Authorization or NameKind.Cookie || (isHeader && name.Kind == NameKind.Certain))
        {
            return new HeaderValue(_values).Find(at, name);
        }

        // token: &'static str = "x"
        at += _text.CharacterAt(at) == '&' && _text.CharacterAt(at - 1) == ' ' && _text.CharacterAt(at + 1) is '\''
            or (>= 'a' and <= 'z') ? 1 : 0;
        var to = _text.BareEnd(at, _values.Last(at, name.Kind));
        if (to <= at || _text[at..to].StartsWith(Redactor.Replacement))
        {
            return false;
        }

        // password: string = "x"
        var value = _text[at..to];
        if (value is "'static" or "mut" or "const")
        {
            at = _text.SkipBlanks(to);
            to = _text.BareEnd(at, at + MaxUncertain);
            value = _text[at..to];
        }

        if (Assignments.IsType(value.Trim("?!*"))
            || (value.IndexOfAny('<', '[') is > 0 and var generic && Assignments.IsType(value[..generic])))
        {
            var assigned = _text.SkipBlanks(to);
            return _text.CharacterAt(assigned) == '=' && Find(assigned + 1, name);
        }

        if (CredentialValue.IsScheme(value) && _text.CharacterAt(to) == ' ' && !char.IsWhiteSpace(_text.CharacterAt(to + 1)))
        {
            to = _text.BareEnd(_text.SkipBlanks(to));
            var kind = name.Kind == NameKind.Random ? NameKind.Mixed : NameKind.Certain;
            return CredentialValue.Is(_text[(at + value.Length)..to], kind) && _values.Cut(at, to, NameKind.Certain);
        }

        if (value.Length < Reach && (_text.IsCode(value, to, name) || _text.IsProse(value, to)))
        {
            return Called(at, to);
        }

        // while (token != EOF)
        if (_text[name.After..at] is [' ', '!' or '=', '=', ..])
        {
            return _values.Cut(at, to, Careful(name.Kind));
        }

        return _values.Cut(at, to, name.Kind);
    }

    // What a call is given as it stands: String::from("x"), base64.b64decode("x")
    private bool Called(int at, int to)
    {
        if (_text[at..to] is "new" && _text[_text.SkipBlanks(to)..] is var type)
        {
            to = _text.Length - type.Length + type[..Math.Min(type.Length, CredentialName.MaxLength)].IndexOfAny('(', ' ', '\n');
        }

        var open = to <= at ? -1 : _text[at..Math.Min(_text.Length, to + 1)].IndexOf('(');
        return open > 0 && _text.QuoteAt(_text.SkipPrefix(at + open + 1)).Mark != '\0'
            && Quoted(_text.SkipPrefix(at + open + 1), NameKind.Random);
    }
}
