using static Aspire.Webhooks.ServiceDefaults.Redaction.ValueCuts;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Finds the value of a header, which goes on to the end of its line.</summary>
internal readonly ref struct HeaderValue(ValueCuts values)
{
    private readonly ValueCuts _values = values;
    private readonly ReadOnlySpan<char> _text = values.Text;

    // A header's value: to the end of its line, or to the mark that closes what the header stands in.
    public bool Find(int at, NamePlace name)
    {
        var to = _text.BareEnd(at, at + Reach);
        if (_text.IsProse(_text[at..to], to))
        {
            return false;
        }

        if (_text[at..to] is "new")
        {
            var isCall = false;
            var opening = at + _text[at..Math.Min(_text.Length, at + Reach)].IndexOf('(');
            return new StructuredValue(_values).Find(opening, NameKind.Mixed, ref isCall);
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
                : CredentialValue.IsPlaceholder(credential) || _text.IsProse(credential, end))
            {
                return false;
            }

            // In a log's line another field may follow, but Token token="x", email="y" goes on.
            if (_text.CharacterAt(name.After) == '=' && !credential.IsEmpty && credential.TrimEnd('=').IndexOf('=') < 0)
            {
                return _values.Cut(at, end, name.Kind);
            }
        }

        return Rest(at, to, name);
    }

    // A header goes on in a line that begins with a blank.
    private bool Folded(int line)
    {
        var at = _text.SkipBlanks(line);
        return at > line && _values.Cut(at, _text.BareEnd(at), NameKind.Mixed);
    }

    private bool Rest(int at, int to, NamePlace name)
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
            && _values.Cut(at, to, name.Kind);
    }
}
