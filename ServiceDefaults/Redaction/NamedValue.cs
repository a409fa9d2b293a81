using System.Buffers;
using System.Collections.Frozen;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Finds in text what belongs to a credential's name: what is assigned to it, handed over with it, in its element, its
/// attribute or its cell, or in a field beside the one that holds the name. A look that finds nothing is bounded, so that time
/// is linear in the text whatever it repeats.</summary>
/// <param name="offset">Where the text begins in what is cut.</param>
internal readonly ref struct NamedValue(ReadOnlySpan<char> text, int offset, Cuts cuts)
{
    // How far fields of one thing are apart, and how much of a list or an object is looked at.
    private const int Reach = 300;
    private const int StructureReach = 1024;

    // How far behind a sign a value can begin.
    private const int MaxSpace = 100;

    // How long a value can be that is only looked at.
    private const int MaxUncertain = 512;

    // What may stand between a provider's name and what is assigned: "_app-key", " api token".
    private const int MaxWords = 24;

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> CodeWords = (
        "new await async function typeof return lambda throw yield const import require static public private protected excluded")
            .Split(' ').ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    // What code reads values from: config.password, self.token, process.env.TOKEN.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Roots = (
        "self this cls config configuration conf cfg settings options opts env environ environment process os sys request req "
            + "response res ctx context "
        + "args argv params props state data body payload headers header session user account client app module var vars "
            + "local secrets vault "
        + "credentials creds form input event msg message item obj object result system excluded new old builder parser")
            .Split(' ')
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Types = (
        "string str text char varchar nvarchar bytes byte securestring secretstring secret any object optional option").Split(' ')
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> InlineTags =
        "b strong em i code span tt kbd pre font u a br td th dd p div".Split(' ')
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly SearchValues<char> Signs = SearchValues.Create("!#$%&*+=?~");
    private static readonly SearchValues<char> NoNames = SearchValues.Create(" \t\r\n=,");

    private readonly ReadOnlySpan<char> _text = text;

    /// <summary>Adds what belongs to the name at a place to the cuts.</summary>
    public void Find(int start, int end, NameKind kind)
    {
        if (!MayBelong(start, end, kind) || IsInArn(start))
        {
            return;
        }

        var name = Enclosed(start, end, kind);
        if (IsTag(start, end))
        {
            Element(end, kind);
            return;
        }

        if (new TableColumn(_text, offset, cuts).Find(start, end, Careful(kind)) || (IsNamed(name.Before) && Sibling(name))
            || (TypedOperator(name.After) is >= 0 and var value && Assigned(value, name)))
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
            '/' or ';' or '#' or '@' or '^' or '\0' => IsNamed(start),
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
        if (Operator(at) is not (>= 0 and var value))
        {
            return -1;
        }

        value = SkipPrefix(SkipEmphasis(_text.SkipSpace(value)));
        return value + _text.QuoteAt(value).Length;
    }

    // The name with the quotation marks and brackets around it: ["token"], **Token**, token[]
    private Name Enclosed(int start, int end, NameKind kind)
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

    // password string = "x", or an operator on the next line
    private int TypedOperator(int at)
    {
        var next = _text.SkipSpace(at);
        if (Characters.IsLineBreak(_text.CharacterAt(_text.SkipBlanks(at))) && _text.CharacterAt(next) is ':' or '=')
        {
            return Operator(next);
        }

        var type = _text.SkipBlanks(at);
        // password (string): x
        if (_text.CharacterAt(type) == '(' && _text[type..Math.Min(_text.Length, type + 16)].IndexOf(')') is > 0 and var bracket
            && Operator(type + bracket + 1) is >= 0 and var behind)
        {
            return behind;
        }

        type += _text[type..].StartsWith("as ", StringComparison.OrdinalIgnoreCase) ? 3 : 0;
        var end = _text.NameEnd(type);
        if (type == at || end == type || !Types.Contains(_text[type..end]))
        {
            return Operator(at);
        }

        // varchar(20)
        if (_text.CharacterAt(end) == '(' && _text[end..Math.Min(_text.Length, end + 8)].IndexOf(')') is > 0 and var closing)
        {
            end += closing + 1;
        }

        end = _text.SkipBlanks(end);
        return _text.CharacterAt(end) == '='
            || (_text.CharacterAt(end) == ':' && _text.CharacterAt(end + 1) == '=') ? Operator(end)
            : _text[end..].StartsWith("default ", StringComparison.OrdinalIgnoreCase) ? end + "default ".Length
            : -1;
    }

    // = : := ::= ?= += .= ??= ||= == != => -> <- || ?? or | and where they end; -1 when there is none.
    private int Operator(int at)
    {
        at = _text.SkipBlanks(at);
        var sign = at;
        while (sign - at < 2 && _text.CharacterAt(sign) is '?' or '+' or '.' or '|' or '!' or '*' or '&' or '<' or '~')
        {
            sign++;
        }

        if (_text.CharacterAt(sign) is '=' or ':')
        {
            var end = sign;
            while (end - sign < 4 && _text.CharacterAt(end) is '=' or ':')
            {
                end++;
            }

            // The scheme of an address, or the scope of a name: secret://vault, Token::new()
            var isScheme = _text[sign] == ':' && end == sign + 1 && _text.CharacterAt(end) == '/'
                && _text.CharacterAt(end + 1) == '/';
            var isScope = _text[sign..end] is "::" && char.IsAsciiLetterUpper(_text.CharacterAt(end));
            return isScheme || isScope ? -1 : _text.CharacterAt(end) is '>' or '~' ? end + 1 : end;
        }

        return _text[at..sign] is "||" or "??" ? sign
            : _text.CharacterAt(at) is '|' or '│' or '┃' or '║' or '→' or '⇒' or '≔' ? at + 1
            : _text[at..].StartsWith("->") ? at + 2
            : _text[at..].StartsWith("<-") ? at + 2
            : _text[at..].StartsWith("<<<") ? at + 3
            : _text[at..].StartsWith("or ") ? at + 3
            : -1;
    }

    // What stands behind an operator.
    private bool Assigned(int at, Name name)
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
            return Assigned(tagged, name);
        }

        if (Characters.IsOpening(_text[at]))
        {
            var hasStrings = false;
            if (Structure(at, name.Kind, ref hasStrings) || hasStrings)
            {
                return true;
            }
        }

        at = SkipPrefix(at);
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
    private int Opening(int at, Name name)
    {
        at = SkipEmphasis(_text.SkipBlanks(at));
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
        if (name.Quote == '\0' && word > first && Operator(word) is >= 0 and var value)
        {
            return isIndented && Related.IsPart(_text[first..word]) ? _text.SkipBlanks(value) : -1;
        }

        return isIndented || name.Quote != '\0' || name.Kind >= NameKind.Certain ? SkipEmphasis(first) : -1;
    }

    // Lines below that begin with a dash.
    private bool List(int at, Name name)
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

            var item = SkipPrefix(_text.SkipBlanks(dash + 1));
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

    // **Token:** `x`, <b>Token:</b> <code>x</code>
    private int SkipEmphasis(int at)
    {
        for (var left = 4; left > 0; left--)
        {
            if (_text[Math.Min(at, _text.Length)..].StartsWith(Redactor.Replacement))
            {
                break;
            }

            if (_text.CharacterAt(at) == '*' && _text.CharacterAt(at + 1) is '*' or ' ')
            {
                at += 2;
            }
            else if (_text.CharacterAt(at) == '<' && Tag(at) is > 0 and var end && InlineTags.Contains(TagName(at)))
            {
                at = end;
            }
            else
            {
                break;
            }

            at = _text.SkipBlanks(at);
        }

        return at;
    }

    // b"x", N'x', f"x", @"x"
    private int SkipPrefix(int at)
    {
        var end = at;
        while (end - at < 2 && _text.CharacterAt(end) is 'b' or 'B' or 'u' or 'U' or 'r' or 'R' or 'f' or 'F' or 'N' or 'L' or '@'
            or '$')
        {
            end++;
        }

        return end > at && _text.CharacterAt(end) is '"' or '\'' ? end : at;
    }

    // |
    //   the lines that are indented deeper
    private bool Block(int at, Name name)
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
        for (var line = _text.SkipLineBreak(sign); line < Last(at, name.Kind);)
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

        return from >= 0 && Cut(from, to, name.Kind);
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
    private bool Quoted(int at, NameKind kind)
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

        var to = QuotedEnd(from, Last(at, kind), mark, length > 1);
        // A command whose output is meant: `cat token`
        if (mark == '`' && _text[from..to].Contains(' '))
        {
            return false;
        }

        while (length > 1 && to > from && _text[to - 1] == '\\')
        {
            to--;
        }

        return Cut(from, to, kind);
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

    private bool Bare(int at, Name name)
    {
        var isHeader = _text.CharacterAt(_text.SkipBlanks(name.After)) == ':' && _text[name.Start..name.End].Contains('-');
        if (name.Kind is NameKind.Authorization or NameKind.Cookie || (isHeader && name.Kind == NameKind.Certain))
        {
            return Line(at, name);
        }

        // token: &'static str = "x"
        at += _text.CharacterAt(at) == '&' && _text.CharacterAt(at - 1) == ' ' && _text.CharacterAt(at + 1) is '\''
            or (>= 'a' and <= 'z') ? 1 : 0;
        var to = _text.BareEnd(at, Last(at, name.Kind));
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

        if (Types.Contains(value.Trim("?!*"))
            || (value.IndexOfAny('<', '[') is > 0 and var generic && Types.Contains(value[..generic])))
        {
            var assigned = _text.SkipBlanks(to);
            return _text.CharacterAt(assigned) == '=' && Assigned(assigned + 1, name);
        }

        if (CredentialValue.IsScheme(value) && _text.CharacterAt(to) == ' ' && !char.IsWhiteSpace(_text.CharacterAt(to + 1)))
        {
            to = _text.BareEnd(_text.SkipBlanks(to));
            var kind = name.Kind == NameKind.Random ? NameKind.Mixed : NameKind.Certain;
            return CredentialValue.Is(_text[(at + value.Length)..to], kind) && Cut(at, to, NameKind.Certain);
        }

        if (value.Length < Reach && (IsCode(value, to, name) || IsProse(value, to)))
        {
            return Called(at, to);
        }

        // while (token != EOF)
        if (_text[name.After..at] is [' ', '!' or '=', '=', ..])
        {
            return Cut(at, to, Careful(name.Kind));
        }

        return Cut(at, to, name.Kind);
    }

    // A header's value: to the end of its line, or to the mark that closes what the header stands in.
    private bool Line(int at, Name name)
    {
        var to = _text.BareEnd(at, at + Reach);
        if (IsProse(_text[at..to], to))
        {
            return false;
        }

        if (_text[at..to] is "new")
        {
            var isCall = false;
            return Structure(at + _text[at..Math.Min(_text.Length, at + Reach)].IndexOf('('), NameKind.Mixed, ref isCall);
        }

        if (CredentialValue.IsScheme(_text[at..to]))
        {
            if (Characters.IsLineBreak(_text.CharacterAt(to)))
            {
                return Folded(_text.SkipLineBreak(to));
            }

            var end = _text.BareEnd(_text.SkipBlanks(to));
            var credential = _text[to..end].Trim();
            if (credential.IsEmpty
                ? _text.QuoteAt(end).Mark == '\0'
                : CredentialValue.IsPlaceholder(credential) || IsProse(credential, end))
            {
                return false;
            }

            // In a log's line another field may follow, but Token token="x", email="y" goes on.
            if (_text.CharacterAt(name.After) == '=' && !credential.IsEmpty && credential.TrimEnd('=').IndexOf('=') < 0)
            {
                return Cut(at, end, name.Kind);
            }
        }

        return Rest(at, to, name);
    }

    // A header goes on in a line that begins with a blank.
    private bool Folded(int line)
    {
        var at = _text.SkipBlanks(line);
        return at > line && Cut(at, _text.BareEnd(at), NameKind.Mixed);
    }

    private bool Rest(int at, int to, Name name)
    {
        var last = name.Kind == NameKind.Cookie && _text[at..Math.Min(_text.Length, at + Reach)].IndexOf('=') < 0
            ? to
            : _text.Length;
        for (to = at; to < last && !Characters.IsLineBreak(_text[to]); to++)
        {
            var (mark, length) = _text.QuoteAt(to);
            if (mark == '\0')
            {
                continue;
            }

            // Digest username="x", response="y"
            if (_text.CharacterAt(to - 1) is not ('=' or ' ') || _text[at..to].IndexOf('=') < 0)
            {
                break;
            }

            var closing = _text[(to + length)..].IndexOfAny(mark, '\r', '\n');
            to = closing < 0 ? _text.Length - 1 : to + length + closing;
        }

        to = Math.Min(to, _text.Length);
        while (to > at && char.IsWhiteSpace(_text[to - 1]))
        {
            to--;
        }

        var value = _text[at..to];
        var scheme = value.IndexOf(' ');
        return (name.Kind != NameKind.Cookie || CredentialValue.IsCookie(value))
            && !(scheme > 0 && CredentialValue.IsScheme(value[..scheme])
                && CredentialValue.IsPlaceholder(value[(scheme + 1)..].Trim()))
            && Cut(at, to, name.Kind);
    }

    // config.password, getToken(), newPassword, token → the variable of that name
    private bool IsCode(ReadOnlySpan<char> value, int end, Name name)
    {
        var first = end - value.Length;
        while (first < end && first - end + value.Length < CredentialName.MaxLength
            && (Characters.IsName(_text[first]) || _text[first] is ':' or '>'))
        {
            first++;
        }

        var word = _text[(end - value.Length)..Math.Min(first, end)];
        if (CodeWords.Contains(value)
            || (word.Length > 0 && _text.CharacterAt(first) is '(' or '{' && !CredentialValue.IsRandom(word)) || word is ""
            && value is ['&' or '*' or '!' or '(' or '-', var next, ..] && char.IsAsciiLetter(next)
            && !CredentialValue.IsMixed(value))
        {
            return word.Length > 0 || value.Length < 40;
        }

        if (CredentialValue.IsRandom(value))
        {
            return false;
        }

        // $_POST['password'], $request->input('token')
        if (value[0] == '$' && _text.CharacterAt(_text.NameEnd(end - value.Length + 1)) is '[' or '>' or '(')
        {
            return true;
        }

        // PASSWORD=dbPassword in a file of variables is what it says.
        if (_text[name.End..(end - value.Length)] is "=" && _text[name.Start..name.End].IndexOfAnyInRange('a', 'z') < 0)
        {
            return false;
        }

        var path = value.TrimEnd(";,");
        if (path.IsEmpty)
        {
            return false;
        }

        if (CredentialName.IsRepeated(_text[name.Start..name.End], path))
        {
            return true;
        }

        var separator = path.IndexOfAny(".:>[");
        if (separator > 0 && char.IsAsciiLetter(path[0]))
        {
            var root = path[..separator].TrimEnd("?-");
            return root.Length == 1 || CredentialName.IsRepeated(_text[name.Start..name.End], root) || Roots.Contains(root)
                || path[separator..].StartsWith("::") || IsQualified(path)
                || (CredentialName.Of(path) >= NameKind.Mixed && path.IndexOfAnyInRange('0', '9') < 0);
        }

        return IsWord(path)
            && (path.Contains('_') || path[1..].IndexOfAnyInRange('A', 'Z') > 0) && path.IndexOfAnyInRange('a', 'z') >= 0
            && CredentialName.Of(path) >= NameKind.Certain;
    }

    // com.example.Token, android.os.Binder@2bd79ce
    private static bool IsQualified(ReadOnlySpan<char> path)
    {
        var end = path.IndexOfAny('@', '/');
        var name = end < 0 ? path : path[..end];
        return name.Count('.') >= 2 && name.IndexOfAnyInRange('0', '9') < 0 && !name.ContainsAny(Signs);
    }

    private static bool IsWord(ReadOnlySpan<char> value)
    {
        foreach (var character in value)
        {
            if (!char.IsAsciiLetter(character) && character is not '_')
            {
                return false;
            }
        }

        return true;
    }

    // Your password: see the mail. Token: Expired on Monday
    private bool IsProse(ReadOnlySpan<char> value, int end)
    {
        var word = value.TrimEnd(".,;:!?");
        return CredentialValue.IsProse(word)
            && (value.Length > word.Length || _text.CharacterAt(end) is '\0' or '.' or ',' or ';' or '!' or '?' or ')' or ' '
            or '\r' or '\n' or '\t');
    }

    // What a call is given as it stands: String::from("x"), base64.b64decode("x")
    private bool Called(int at, int to)
    {
        if (_text[at..to] is "new" && _text[_text.SkipBlanks(to)..] is var type)
        {
            to = _text.Length - type.Length + type[..Math.Min(type.Length, CredentialName.MaxLength)].IndexOfAny('(', ' ', '\n');
        }

        var open = to <= at ? -1 : _text[at..Math.Min(_text.Length, to + 1)].IndexOf('(');
        return open > 0 && _text.QuoteAt(SkipPrefix(at + open + 1)).Mark != '\0'
            && Quoted(SkipPrefix(at + open + 1), NameKind.Random);
    }

    // [x, y], {"from":"x","to":"y"}, (x, y)
    private bool Structure(int opening, NameKind kind, ref bool hasStrings, bool isList = true)
    {
        if (_text.CharacterAt(opening) == '{' && _text.CharacterAt(opening + 1) == '{')
        {
            return false;
        }

        // Which of the open brackets are an object's, the innermost last.
        var (depth, objects) = (0, 0UL);
        var (found, isPart) = (false, false);
        for (var at = opening; at < Math.Min(_text.Length, opening + StructureReach); at++)
        {
            var character = _text[at];
            var isInObject = (objects & 1) == 1;
            if (Characters.IsOpening(character))
            {
                // { "x" } is a list, too, until a field's name shows that it is none.
                (objects, isPart) = (
                    (objects << 1) | (character == '{' ? 1UL : 0),
                    (depth == 0 && isList) || (character != '{' && (isPart || depth == 0)));
                depth++;
            }
            else if (Characters.IsClosing(character))
            {
                objects >>= 1;
                if (--depth == 0)
                {
                    break;
                }
            }
            else if (character == ',')
            {
                isPart &= !isInObject;
            }
            else if (Item(at) is { To: > 0 } item)
            {
                at = item.End - 1;
                hasStrings |= item.IsQuoted && Characters.ClosingOf(_text[item.End - 1]) != '\0';
                if (isInObject && Assignment(item.End) is > 0 and var value)
                {
                    isPart = Related.IsPart(_text[item.From..item.To]);
                    at = value - 1;
                }
                else if (isPart && (item.IsQuoted || (!isInObject && CredentialValue.IsMixed(_text[item.From..item.To]))))
                {
                    found |= Cut(item.From, item.To, kind);
                }
            }
        }

        return found;
    }

    // The string or the word at a place, and where it ends with its mark.
    private (int From, int To, int End, bool IsQuoted) Item(int at)
    {
        var (mark, length) = _text.QuoteAt(at);
        if (mark == '\0')
        {
            var word = Characters.IsName(_text[at]) ? _text.NameEnd(at) : 0;
            return word == 0 ? default : _text.CharacterAt(_text.SkipBlanks(word)) is ':' or '=' ? (at, word, word, false)
                : (at, Math.Max(word, _text.BareEnd(at, at + Reach)), Math.Max(word, _text.BareEnd(at, at + Reach)), false);
        }

        var from = at + length;
        var closing = from < _text.Length ? _text[from..Math.Min(_text.Length, from + StructureReach)].IndexOfAny(
            Characters.ClosingOf(mark), '\n') : -1;
        var to = closing < 0 ? Math.Min(_text.Length, from + StructureReach) : from + closing;
        var end = Math.Min(to + 1, _text.Length);
        while (to > from && _text[to - 1] == '\\')
        {
            to--;
        }

        return (from, to, end, true);
    }

    // Behind a field's name within an object.
    private int Assignment(int at)
    {
        at = _text.SkipSpace(at);
        return _text.CharacterAt(at) is ':' or '=' ? at + (_text.CharacterAt(at + 1) == '>' ? 2 : 1) : -1;
    }

    // ("X-Api-Key", "x"), set("TOKEN", "x"), withPassword("x"), password("x"), TOKEN,x
    private bool Handed(Name name)
    {
        var at = _text.SkipBlanks(name.After);
        var next = SkipPrefix(_text.SkipSpace(at + 1));
        var isQuoted = _text.QuoteAt(next).Mark != '\0';
        return _text.CharacterAt(at) switch
        {
            ',' when isQuoted => name.Quote != '\0' && Quoted(next, Careful(name.Kind)),
            ',' => name.Kind >= NameKind.Certain && BareRandom(next, ','),
            '(' or '{' when at == name.After && isQuoted => Quoted(next, NameKind.Random),
            // variable "db_password" { default = "x" }
            '{' when name.Quote != '\0' => Structure(at, name.Kind, ref isQuoted, isList: false),
            _ => false,
        };
    }

    // </key><string>x</string>, </td><td>x</td>
    private bool Cell(Name name)
    {
        var at = _text.SkipSpace(name.After);
        for (var left = 3; left > 0 && _text[Math.Min(at, _text.Length)..].StartsWith("</"); left--)
        {
            if (Tag(at) is not (> 0 and var end))
            {
                return false;
            }

            at = _text.SkipSpace(end);
        }

        if (at > name.After && Operator(at) is >= 0 and var value)
        {
            return Assigned(value, name);
        }

        if (at == name.After || _text.CharacterAt(at) != '<' || Tag(at) is not (> 0 and var content))
        {
            return false;
        }

        if (TagName(at) is "input")
        {
            return Fields(at + 1, content - 1, name.Kind);
        }

        return Content(content, Related.IsValue(TagName(at)) ? name.Kind : Careful(name.Kind));
    }

    // --password x, PASSWORD 'x', a token x, token - 'x'
    private bool Spoken(Name name)
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
                ? Quoted(at, Careful(name.Kind))
                : length == 1 && name.Kind >= NameKind.Certain && BareRandom(at, '=');
        }

        var dashes = _text.CharacterAt(name.Start - 1) != '-' ? 0 : _text.CharacterAt(name.Start - 2) == '-' ? 2 : 1;
        var isOption = dashes > 0 && _text.CharacterAt(name.Start - dashes - 1) is '\0' or ' ' or '\t' or '\n' or '"' or '\''
            or '[' or '(';
        var isDirective = IsDirective(name);
        at = SkipPrefix(at);
        if (_text.QuoteAt(at).Mark != '\0')
        {
            return Quoted(at, isOption || isDirective || IsStatement(name.Start) ? name.Kind : Careful(name.Kind));
        }

        var to = _text.BareEnd(at, Last(at, name.Kind));
        if (!isOption && !isDirective)
        {
            // username admin password 0 x
            if (to - at == 1 && char.IsAsciiDigit(_text[at]) && Characters.IsBlank(_text.CharacterAt(to)))
            {
                at = _text.SkipBlanks(to);
                to = _text.BareEnd(at, Last(at, name.Kind));
            }

            return name.Kind >= NameKind.Mixed && IsLast(at, to, name)
                ? Cut(at, to, Careful(name.Kind))
                : name.Kind >= NameKind.Certain && BareRandom(at, '=');
        }

        return to - at > 2 && _text[at] != '-' && !IsProse(_text[at..to], to)
            && !CredentialName.IsRepeated(_text[name.Start..name.End], _text[at..to])
            && Cut(at, to, name.Kind);
    }

    // A value without anything that says so but its own look.
    private bool BareRandom(int at, char end)
    {
        var to = _text.BareEnd(at, at + MaxUncertain);
        var length = _text[at..to].TrimEnd('=').IndexOf(end);
        to = length < 0 ? to : end == '=' ? at : at + length;
        return to - at is >= 16 and < MaxUncertain && Cut(at, to, NameKind.Random);
    }

    // One word behind a tab or several blanks, or at the end of what sets something: username admin password x, PASS x
    private bool IsLast(int at, int to, Name name)
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
    private bool IsDirective(Name name)
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

    // <password>, <wsse:Password
    private bool IsTag(int start, int end)
    {
        if (_text.CharacterAt(end) is ':' or '=')
        {
            return false;
        }

        var at = start;
        if (_text.CharacterAt(at - 1) == ':')
        {
            at = _text.NameStart(at - 1);
        }

        return _text.CharacterAt(at - 1) == '<';
    }

    // Behind the tag that begins at a place; -1 where none does.
    private int Tag(int at)
    {
        if (_text.CharacterAt(at + 1) != '/' && !char.IsAsciiLetter(_text.CharacterAt(at + 1)))
        {
            return -1;
        }

        var end = _text[(at + 1)..Math.Min(_text.Length, at + Reach)].IndexOfAny('<', '>');
        return end >= 0 && _text[at + 1 + end] == '>' ? at + end + 2 : -1;
    }

    private ReadOnlySpan<char> TagName(int at)
    {
        var start = _text.CharacterAt(at + 1) == '/' ? at + 2 : at + 1;
        return _text[start.._text.NameEnd(start)];
    }

    private void Element(int nameEnd, NameKind kind)
    {
        var end = _text[nameEnd..Math.Min(_text.Length, nameEnd + Reach)].IndexOfAny('<', '>');
        if (end < 0 || _text[nameEnd + end] == '<')
        {
            return;
        }

        var close = nameEnd + end;
        if (_text[close - 1] == '/')
        {
            _ = Fields(nameEnd, close, kind);
        }
        else
        {
            _ = Content(close + 1, kind);
        }
    }

    // The text in an element, or in the one within it that is called value.
    private bool Content(int at, NameKind kind)
    {
        const string Start = "<![CDATA[";
        at = _text.SkipSpace(at);
        if (at >= _text.Length)
        {
            return false;
        }

        if (_text[at..].StartsWith(Start))
        {
            at += Start.Length;
            var length = _text[at..Math.Min(_text.Length, at + StructureReach)].IndexOf("]]>");
            return Cut(at, length < 0 ? Math.Min(_text.Length, at + StructureReach) : at + length, kind);
        }

        if (_text[at] == '<')
        {
            return Tag(at) is > 0 and var inner && _text[at + 1] != '/' && _text[inner - 2] != '/'
                && (Related.IsPart(TagName(at)) || InlineTags.Contains(TagName(at)))
                && Content(inner, kind);
        }

        var to = _text[at..].IndexOf('<');
        var end = to < 0 ? _text.Length : at + to;
        // Usage: login <user> <password> [<host>]; only what looks like a credential counts before a closing tag that is cut off.
        if (to >= 0
            ? _text.CharacterAt(end + 1) != '/'
            : !CredentialValue.IsRandom(_text[at..Math.Min(_text.Length, at + MaxUncertain)].TrimEnd()))
        {
            return false;
        }

        while (end > at && char.IsWhiteSpace(_text[end - 1]))
        {
            end--;
        }

        return Cut(at, end, kind);
    }

    // Whether the name is what a field called name says: {"name": "x"}, key="x", - name: x
    private bool IsNamed(int before)
    {
        var at = before;
        while (at > 0 && Characters.IsBlank(_text[at - 1]))
        {
            at--;
        }

        var sign = at;
        while (at > 0 && sign - at < 2 && _text[at - 1] is ':' or '=' or '>')
        {
            at--;
        }

        if (at == sign || _text[at] == '>')
        {
            return false;
        }

        while (at > 0 && Characters.IsBlank(_text[at - 1]))
        {
            at--;
        }

        at -= _text.QuoteBefore(at).Length;
        return Related.IsName(_text[_text.NameStart(at)..at]);
    }

    // The value in a field beside the name's, behind it or before.
    private bool Sibling(Name name)
    {
        var end = Math.Min(_text.Length, name.After + Reach);
        if (Fields(name.After, end, name.Kind))
        {
            return true;
        }

        var start = Math.Max(0, name.Before - Reach);
        var group = _text[start..name.Before].LastIndexOfAny('{', '<');
        var item = _text[start..name.Before].LastIndexOf("- ");
        start += Math.Max(Math.Max(group, item), 0);
        return (group >= 0 || item >= 0) && Fields(start + 1, name.Before, name.Kind);
    }

    // The first field called value up to an end, within the same braces, tag or lines.
    private bool Fields(int start, int end, NameKind kind)
    {
        for (var at = start; at < end; at++)
        {
            var character = _text[at];
            if (character == '}')
            {
                return false;
            }

            if (character == '>' && _text.CharacterAt(at - 1) is not ('=' or '-'))
            {
                return _text[at - 1] != '/' && Content(at + 1, kind);
            }

            if (character == '\n' && Characters.IsLineBreak(_text.CharacterAt(at + 1)))
            {
                return Multipart(start, _text.SkipSpace(at), kind);
            }

            if (!Characters.IsName(character) || Characters.IsName(_text.CharacterAt(at - 1)))
            {
                continue;
            }

            var wordEnd = _text.NameEnd(at);
            var field = _text[at..Math.Min(wordEnd, end)];
            if (Operator(wordEnd + _text.QuoteAt(wordEnd).Length) is >= 0 and var value)
            {
                if (Related.IsValue(field))
                {
                    return Assigned(value, new(at, wordEnd, at, wordEnd, '"', kind));
                }

                if (Related.IsName(field) && field.Length > 1 && !field.Equals("type", StringComparison.OrdinalIgnoreCase)
                    && !field.Equals("id", StringComparison.OrdinalIgnoreCase))
                {
                    return false;
                }
            }

            at = wordEnd - 1;
        }

        return false;
    }

    // Content-Disposition: form-data; name="password" · an empty line · the value
    private bool Multipart(int name, int at, NameKind kind)
    {
        if (_text[Math.Max(0, name - 100)..name].IndexOf("form-data", StringComparison.OrdinalIgnoreCase) < 0
            || at >= _text.Length)
        {
            return false;
        }

        var length = _text[at..].IndexOfAny('\r', '\n');
        return Cut(at, length < 0 ? _text.Length : at + length, kind);
    }

    // How far a value is looked at: to the end only when it is cut whatever it is, which spares all within it another look.
    private int Last(int at, NameKind kind) =>
        kind is NameKind.Certain or NameKind.Authorization ? _text.Length : Math.Min(_text.Length, at + MaxUncertain);

    // Where words are as likely as values, a value must not look like one.
    private static NameKind Careful(NameKind kind) => kind == NameKind.Certain ? NameKind.Mixed : kind;

    private bool Cut(int from, int to, NameKind kind)
    {
        if (!CredentialValue.Is(_text[from..to], kind))
        {
            return false;
        }

        return cuts.AddNamed(offset + from, offset + to, _text[from..to]);
    }

    /// <summary>A name in the text: its letters, and the quotation marks and brackets around them.</summary>
    private readonly record struct Name(int Start, int End, int Before, int After, char Quote, NameKind Kind);
}
