using System.Buffers;
using static Aspire.Webhooks.ServiceDefaults.Redaction.ValueCuts;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Finds in text what belongs to a credential's name: what is assigned to it, handed over with it, in its element, its
/// attribute or its cell, or in a field beside the one that holds the name.</summary>
internal readonly ref struct NamedValue(ValueCuts values)
{
    // What may stand between a provider's name and what is assigned: "_app-key", " api token".
    private const int MaxWords = 24;

    private static readonly SearchValues<char> NoNames = SearchValues.Create(" \t\r\n=,");

    private readonly ValueCuts _values = values;
    private readonly ReadOnlySpan<char> _text = values.Text;

    /// <summary>Adds what belongs to the name at a place to the cuts.</summary>
    public void Find(int start, int end, NameKind kind)
    {
        if (!MayBelong(start, end, kind) || IsInArn(start))
        {
            return;
        }

        var name = Enclosed(start, end, kind);
        var fields = new FieldValue(_values);
        if (_text.IsTag(start, end))
        {
            fields.Element(end, kind);
            return;
        }

        if (new TableColumn(_values).Find(start, end, Careful(kind)) || (fields.IsNamed(name.Before) && fields.Sibling(name))
            || (_text.TypedOperator(name.After) is >= 0 and var value && new AssignedValue(_values).Find(value, name)))
        {
            return;
        }

        _ = Handed(name) || Cell(name) || Spoken(name);
    }

    // Most names stand in a sentence, which is seen by what follows.
    private bool MayBelong(int start, int end, NameKind kind)
    {
        var next = _text.CharacterAt(end);
        return next switch
        {
            ' ' when char.IsAsciiLetter(_text.CharacterAt(end + 1)) =>
                kind >= NameKind.Mixed || _text.CharacterAt(start - 1) == '<',
            ')' when _text.CharacterAt(start - 1) is ' ' or ',' => true,
            ')' or '}' => Characters.IsOpening(_text.CharacterAt(start - 1)),
            '/' or ';' or '#' or '@' or '^' or '\0' => new FieldValue(_values).IsNamed(start),
            _ => true,
        };
    }

    /// <summary>
    /// Where the value begins that is assigned to what a word begins: datadog app-key: "…; -1 when there is none.
    /// </summary>
    public int Behind(int at)
    {
        var last = Math.Min(_text.Length, at + MaxWords);
        while (at < last && (Characters.IsName(_text[at]) || Characters.IsBlank(_text[at])))
        {
            at++;
        }

        // What was skipped may be a dash before a quotation mark, or blanks.
        var quote = _text.QuoteAt(at);
        var isSpoken = quote.Mark != '\0' && Characters.IsBlank(_text.CharacterAt(at - 1));
        at += quote.Length;
        if (isSpoken)
        {
            return at;
        }

        at += _text.CharacterAt(at) is ']' or ')' ? 1 : 0;
        if (_text.Operator(at) is not (>= 0 and var value))
        {
            return -1;
        }

        value = _text.SkipPrefix(_text.SkipEmphasis(_text.SkipSpace(value)));
        return value + _text.QuoteAt(value).Length;
    }

    // The name with the quotation marks and brackets around it: ["token"], **Token**, token[]
    private NamePlace Enclosed(int start, int end, NameKind kind)
    {
        var (before, after, quote) = (start, end, '\0');
        for (var level = 0; level < 4; level++)
        {
            var (mark, length) = _text.QuoteAt(after);
            var (openingMark, openingLength) = _text.QuoteBefore(before);
            if (mark != '\0' && mark == Characters.ClosingOf(openingMark))
            {
                (before, after, quote) = (before - openingLength, after + length, mark);
            }
            else if (
                (_text.CharacterAt(before - 1), _text.CharacterAt(after)) is ('[', ']') or ('(', ')') or ('{', '}') or ('*', '*'))
            {
                (before, after) = (before - 1, after + 1);
            }
            else
            {
                break;
            }
        }

        // "{prefix}_TOKEN": a name of more than letters.
        if (quote == '\0' && _text.QuoteAt(after) is { Mark: not '\0' } closingMark)
        {
            var line = _text[Math.Max(0, start - CredentialName.MaxLength)..start];
            var opening = line.LastIndexOf(closingMark.Mark);
            if (opening >= 0 && !line[opening..].ContainsAny(NoNames))
            {
                (before, after, quote) = (start - line.Length + opening, after + closingMark.Length, closingMark.Mark);
            }
        }

        // char token[16] = …
        if (_text.CharacterAt(after) == '[' && _text[after..Math.Min(_text.Length, after + 8)].IndexOf(']') is > 0 and var closing
            && _text.Slice(after + 1, closing - 1).IndexOfAnyExceptInRange('0', '9') < 0)
        {
            after += closing + 1;
        }

        return new(start, end, before, after, quote, kind);
    }

    // ("X-Api-Key", "x"), set("TOKEN", "x"), withPassword("x"), password("x"), TOKEN,x
    private bool Handed(NamePlace name)
    {
        var at = _text.SkipBlanks(name.After);
        var next = _text.SkipPrefix(_text.SkipSpace(at + 1));
        var isQuoted = _text.QuoteAt(next).Mark != '\0';
        return _text.CharacterAt(at) switch
        {
            ',' when isQuoted => name.Quote != '\0' && new AssignedValue(_values).Quoted(next, Careful(name.Kind)),
            ',' => name.Kind >= NameKind.Certain && BareRandom(next, ','),
            '(' or '{' when at == name.After && isQuoted => new AssignedValue(_values).Quoted(next, NameKind.Random),
            // variable "db_password" { default = "x" }
            '{' when name.Quote != '\0' => new StructuredValue(_values).Find(at, name.Kind, ref isQuoted, isList: false),
            _ => false,
        };
    }

    // </key><string>x</string>, </td><td>x</td>
    private bool Cell(NamePlace name)
    {
        var at = _text.SkipSpace(name.After);
        for (var left = 3; left > 0 && _text[Math.Min(at, _text.Length)..].StartsWith("</"); left--)
        {
            if (_text.TagEnd(at) is not (> 0 and var end))
            {
                return false;
            }

            at = _text.SkipSpace(end);
        }

        if (at > name.After && _text.Operator(at) is >= 0 and var value)
        {
            return new AssignedValue(_values).Find(value, name);
        }

        if (at == name.After || _text.CharacterAt(at) != '<' || _text.TagEnd(at) is not (> 0 and var content))
        {
            return false;
        }

        if (_text.TagName(at) is "input")
        {
            return new FieldValue(_values).Fields(at + 1, content - 1, name.Kind);
        }

        return new FieldValue(_values).Content(content, Related.IsValue(_text.TagName(at)) ? name.Kind : Careful(name.Kind));
    }

    // --password x, PASSWORD 'x', a token x, token - 'x'
    private bool Spoken(NamePlace name)
    {
        var at = _text.SkipBlanks(name.After);
        if (at == name.After || name.Kind < NameKind.Mixed)
        {
            return false;
        }

        // password - "x", password -- "x", my password is `x`
        var link = _text[at..Math.Min(_text.Length, at + 4)];
        var length = link is ['-' or '–' or '—' or '~', ' ', ..]
            ? 1
            : link is ['-', '-', ' ', ..] or ['i', 's', ' ', ..]
            ? 2
            : link is "was "
            ? 3
            : 0;
        if (length > 0)
        {
            at = _text.SkipBlanks(at + length);
            return _text.QuoteAt(at).Mark != '\0'
                ? new AssignedValue(_values).Quoted(at, Careful(name.Kind))
                : length == 1 && name.Kind >= NameKind.Certain && BareRandom(at, '=');
        }

        var dashes = _text.CharacterAt(name.Start - 1) != '-' ? 0 : _text.CharacterAt(name.Start - 2) == '-' ? 2 : 1;
        var isOption = dashes > 0 && _text.CharacterAt(name.Start - dashes - 1) is '\0' or ' ' or '\t' or '\n' or '"' or '\''
            or '[' or '(';
        var isDirective = IsDirective(name);
        at = _text.SkipPrefix(at);
        if (_text.QuoteAt(at).Mark != '\0')
        {
            var isSure = isOption || isDirective || IsStatement(name.Start);
            return new AssignedValue(_values).Quoted(at, isSure ? name.Kind : Careful(name.Kind));
        }

        var to = _text.BareEnd(at, _values.Last(at, name.Kind));
        if (!isOption && !isDirective)
        {
            // username admin password 0 x
            if (to - at == 1 && char.IsAsciiDigit(_text[at]) && Characters.IsBlank(_text.CharacterAt(to)))
            {
                at = _text.SkipBlanks(to);
                to = _text.BareEnd(at, _values.Last(at, name.Kind));
            }

            return name.Kind >= NameKind.Mixed && IsLast(at, to, name)
                ? _values.Cut(at, to, Careful(name.Kind))
                : name.Kind >= NameKind.Certain && BareRandom(at, '=');
        }

        return to - at > 2 && _text[at] != '-' && !_text.IsProse(_text[at..to], to)
            && !CredentialName.IsRepeated(_text[name.Start..name.End], _text[at..to])
            && _values.Cut(at, to, name.Kind);
    }

    // A value without anything that says so but its own look.
    private bool BareRandom(int at, char end)
    {
        var to = _text.BareEnd(at, at + MaxUncertain);
        var length = _text[at..to].TrimEnd('=').IndexOf(end);
        to = length < 0 ? to : end == '=' ? at : at + length;
        return to - at is >= 16 and < MaxUncertain && _values.Cut(at, to, NameKind.Random);
    }

    // One word behind a tab or several blanks, or at the end of what sets something: username admin password x, PASS x
    private bool IsLast(int at, int to, NamePlace name)
    {
        if (_text.CharacterAt(_text.SkipBlanks(to)) is not ('\0' or '\r' or '\n'))
        {
            return false;
        }

        var line = Math.Max(0, name.Before - Reach);
        line += _text[line..name.Before].LastIndexOfAny('\r', '\n') + 1;
        var before = _text[line..name.Before].TrimStart();
        var isWide = at - name.After > 1 || _text[name.After] == '\t';
        return before.IsEmpty ? isWide || _text[name.Start..name.End] is "PASS"
            : before.StartsWith("set ") || before.StartsWith("username ") || before.StartsWith("nmcli ")
                || before.Contains(" set ", StringComparison.Ordinal)
            || before.Contains("config:set ", StringComparison.Ordinal);
    }

    // create user x with password 'y'
    private bool IsStatement(int start)
    {
        var before = _text[Math.Max(0, start - 12)..start].TrimEnd();
        return before.EndsWith("with", StringComparison.OrdinalIgnoreCase)
            || before.EndsWith("encrypted", StringComparison.OrdinalIgnoreCase)
            || before.EndsWith("set", StringComparison.OrdinalIgnoreCase);
    }

    // requirepass x, ENV DB_PASSWORD x, setx TOKEN x, enable secret x
    private bool IsDirective(NamePlace name)
    {
        if (_text[name.Start..name.End] is "requirepass" or "masterauth" or "storepass" or "keypass" or "bindpw" or "rootpw"
            or "auth-pass")
        {
            return true;
        }

        var before = _text[Math.Max(0, name.Before - 8)..name.Before].TrimEnd();
        return before.Length < name.Before - Math.Max(0, name.Before - 8)
            && (before.EndsWith("ENV") || before.EndsWith("setx") || before.EndsWith("setenv") || before.EndsWith("enable"));
    }

    // arn:aws:secretsmanager:eu-west-1:111122223333:secret:name
    private bool IsInArn(int start)
    {
        if (_text.CharacterAt(start - 1) is not (':' or '/'))
        {
            return false;
        }

        var before = _text[Math.Max(0, start - Reach)..start];
        var arn = before.LastIndexOf("arn:");
        return arn >= 0 && before[arn..].IndexOfAny(NoNames) < 0;
    }
}

/// <summary>A name in the text: its letters, and the quotation marks and brackets around them.</summary>
internal readonly record struct NamePlace(int Start, int End, int Before, int After, char Quote, NameKind Kind);
