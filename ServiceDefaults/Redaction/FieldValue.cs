using static Aspire.Webhooks.ServiceDefaults.Redaction.ValueCuts;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Finds the value in the element of a name, or in a field beside the one that holds the name.</summary>
internal readonly ref struct FieldValue(ValueCuts values)
{
    private readonly ValueCuts _values = values;
    private readonly ReadOnlySpan<char> _text = values.Text;

    public void Element(int nameEnd, NameKind kind)
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
    public bool Content(int at, NameKind kind)
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
            return _values.Cut(at, length < 0 ? Math.Min(_text.Length, at + StructureReach) : at + length, kind);
        }

        if (_text[at] == '<')
        {
            return _text.TagEnd(at) is > 0 and var inner && _text[at + 1] != '/' && _text[inner - 2] != '/'
                && (Related.IsPart(_text.TagName(at)) || Markup.IsInline(_text.TagName(at)))
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

        return _values.Cut(at, end, kind);
    }

    // Whether the name is what a field called name says: {"name": "x"}, key="x", - name: x
    public bool IsNamed(int before)
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
    public bool Sibling(NamePlace name)
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
    public bool Fields(int start, int end, NameKind kind)
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
            if (_text.Operator(wordEnd + _text.QuoteAt(wordEnd).Length) is >= 0 and var value)
            {
                if (Related.IsValue(field))
                {
                    return new AssignedValue(_values).Find(value, new(at, wordEnd, at, wordEnd, '"', kind));
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
        return _values.Cut(at, length < 0 ? _text.Length : at + length, kind);
    }
}
