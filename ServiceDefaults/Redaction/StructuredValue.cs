using static Aspire.Webhooks.ServiceDefaults.Redaction.ValueCuts;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Finds the values in a list or an object that belongs to a name.</summary>
internal readonly ref struct StructuredValue(ValueCuts values)
{
    private readonly ValueCuts _values = values;
    private readonly ReadOnlySpan<char> _text = values.Text;

    // [x, y], {"from":"x","to":"y"}, (x, y)
    public bool Find(int opening, NameKind kind, ref bool hasStrings, bool isList = true)
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
                    found |= _values.Cut(item.From, item.To, kind);
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
}
