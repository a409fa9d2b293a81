using System.Buffers;
using System.Runtime.InteropServices;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>One walk through JSON in a text, as far as it is JSON: it may be cut off, or go on as something else. Judges each
/// string as what it says, by the name of its field, by the fields beside it, and by what it is an item of.</summary>
/// <param name="quote">How a quotation mark is written in what is cut.</param>
internal ref struct JsonWalk(string text, int start, int end, CredentialSearch search, Cuts cuts, string quote)
{
    private const string Rule = "field named like a credential";

    // What is deeper is read like any text.
    private const int MaxDepth = 512;

    private static readonly SearchValues<char> EndsOfString = SearchValues.Create("\"\\\r\n");

    private readonly ReadOnlySpan<char> _text = text.AsSpan(0, end);
    private readonly int _start = start;
    private readonly List<Level> _levels = [];

    private int _at = start;
    private int _token = start;

    private enum Expected
    {
        Value,
        ValueOrEnd,
        Name,
        NameOrEnd,
        Colon,
        CommaOrEnd,
    }

    /// <summary>Where JSON begins; -1 when it does not.</summary>
    /// <param name="isWhole">Whether nothing stands before it, so that it may be a list or a string, too.</param>
    public static int Start(ReadOnlySpan<char> text, int from, int end, bool isWhole)
    {
        text = text[..end];
        var first = text.SkipSpace(from);
        if (isWhole && text.CharacterAt(first) switch
        {
            '[' => text.TrimEnd().EndsWith("]"),
            '"' => StringEnd(text, first + 1) is > 0 and var last && text.SkipSpace(last + 1) == end,
            _ => false,
        })
        {
            return first;
        }

        for (var at = from; text[at..].IndexOf('{') is >= 0 and var next; at += next + 1)
        {
            if (text.CharacterAt(text.SkipSpace(at + next + 1)) is '"' or '}')
            {
                return at + next;
            }
        }

        return -1;
    }

    /// <summary>Adds what is found to the cuts. Returns where the JSON ends; where it turns out to be none, that is where
    /// its last token begins, which may be a name in another structure.</summary>
    public int Run()
    {
        var expected = Expected.Value;
        do
        {
            _at = _text.SkipSpace(_at);
            var token = _at;
            if (_at >= _text.Length)
            {
                break;
            }

            if (!TryStep(ref expected))
            {
                return Math.Max(_token, _start + 1);
            }

            _token = _text[token] switch
            {
                '{' or '[' or '}' or ']' or ',' => _at,
                ':' => _token,
                _ => token,
            };
        }
        while (_levels.Count > 0);

        return Math.Max(_at, _start + 1);
    }

    // Goes on by one token; false when it is none that may stand here.
    private bool TryStep(ref Expected expected)
    {
        var character = _text[_at];
        switch (expected)
        {
            case Expected.Colon:
                expected = Expected.Value;
                return TrySkip(':');
            case Expected.CommaOrEnd when character == ',':
                expected = _levels[^1].IsObject ? Expected.Name : Expected.Value;
                return TrySkip(',');
            case Expected.CommaOrEnd or Expected.NameOrEnd
                or Expected.ValueOrEnd when character == (_levels[^1].IsObject ? '}' : ']'):
                _levels.RemoveAt(_levels.Count - 1);
                expected = Expected.CommaOrEnd;
                _at++;
                return true;
            case Expected.Name or Expected.NameOrEnd:
                expected = Expected.Colon;
                return character == '"' && TryString(isName: true);
            case Expected.Value or Expected.ValueOrEnd when character is '{' or '[':
                return TryOpen(character == '{', ref expected);
            case Expected.Value or Expected.ValueOrEnd:
                expected = Expected.CommaOrEnd;
                return character == '"' ? TryString(isName: false) : TryScalar();
            default:
                return false;
        }
    }

    private bool TrySkip(char character)
    {
        var isThere = _text[_at] == character;
        _at += isThere ? 1 : 0;
        return isThere;
    }

    private bool TryOpen(bool isObject, ref Expected expected)
    {
        if (_levels.Count == MaxDepth)
        {
            return false;
        }

        _levels.Add(new() { IsObject = isObject, Start = _at + 1, Owner = _levels.Count > 0 ? KindOfValue() : NameKind.None });
        expected = isObject ? Expected.NameOrEnd : Expected.ValueOrEnd;
        _at++;
        return true;
    }

    private bool TryString(bool isName)
    {
        var from = _at + 1;
        var to = StringEnd(_text, from);
        if (to < 0)
        {
            return false;
        }

        var isEscaped = _text[from..to].Contains('\\');
        _at = Math.Min(to + 1, _text.Length);
        if (isName)
        {
            ReadName(from, to, isEscaped);
        }
        else
        {
            ReadValue(from, to, isEscaped);
        }

        return true;
    }

    // Where the string that begins at a place ends, the text's end where it was cut off; -1 where a line ends before.
    private static int StringEnd(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && text[at..].IndexOfAny(EndsOfString) is >= 0 and var next)
        {
            at += next;
            if (text[at] != '\\')
            {
                return text[at] == '"' ? at : -1;
            }

            at += 2;
        }

        return text.Length;
    }

    // true, false, null and numbers: what a number says can be a credential.
    private bool TryScalar()
    {
        var from = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '-' or '+' or '.'))
        {
            _at++;
        }

        var scalar = _text[from.._at];
        if (scalar.IsEmpty || scalar[0] is '+' or '.')
        {
            return false;
        }

        if (char.IsAsciiLetter(scalar[0]))
        {
            return scalar is "true" or "false" or "null" || _at == _text.Length;
        }

        if ((_levels.Count > 0 && CredentialValue.Is(scalar, KindOfValue())) || search.HoldsSecret(from, _at))
        {
            cuts.Add(from, _at, Rule, quote);
        }

        return true;
    }

    private void ReadName(int from, int to, bool isEscaped)
    {
        ref var level = ref CollectionsMarshal.AsSpan(_levels)[^1];
        (level.NameFrom, level.NameTo, level.IsNameEscaped, level.Kind) = (from, to, isEscaped, NameKind.None);
        level.HasWords = search.IsWorthALook(from, to);
        if (level.HasWords)
        {
            level.Kind = CredentialName.Of(NameOf(level));
            Look(from, to, isEscaped);
        }
    }

    private void ReadValue(int from, int to, bool isEscaped)
    {
        var isLookedAt = search.IsWorthALook(from, to);
        if (_levels.Count == 0)
        {
            if (isLookedAt)
            {
                Look(from, to, isEscaped);
            }

            return;
        }

        var kind = KindOfValue();
        if (kind != NameKind.None || isLookedAt)
        {
            var value = isEscaped && DecodedText.Of(_text[from..to], isJson: true) is { } decoded
                ? Undone(decoded)
                : _text[from..to];
            if (CredentialValue.Is(value, kind) && (kind != NameKind.Cookie || CredentialValue.IsCookie(value))
                && !Repeats(value))
            {
                Cut(from, to, value);
                return;
            }

            if (isLookedAt)
            {
                NotePair(value);
            }
        }

        var name = _levels[^1] is { IsObject: true, HasWords: true } level ? NameOf(level) : default;
        if (isLookedAt || !name.IsEmpty)
        {
            Look(from, to, isEscaped, name);
        }
    }

    // {"token":"aToken"}
    private readonly bool Repeats(ReadOnlySpan<char> value) =>
        _levels[^1] is { IsObject: true, Kind: not NameKind.None } level && CredentialName.IsRepeated(NameOf(level), value);

    private static ReadOnlySpan<char> Undone(DecodedText decoded)
    {
        using (decoded)
        {
            return decoded.ToString();
        }
    }

    // What the names around it say of the value that follows.
    private readonly NameKind KindOfValue()
    {
        var level = _levels[^1];
        if (!level.IsObject)
        {
            return level.Owner != NameKind.None ? level.Owner : level.Pair;
        }

        if (level.Kind != NameKind.None || (level.Owner == NameKind.None && level.Pair == NameKind.None))
        {
            return level.Kind;
        }

        var name = NameOf(level);
        return level.Pair != NameKind.None && Related.IsValueOrChange(name) ? level.Pair
            : level.Owner != NameKind.None && Related.IsPart(name) ? level.Owner
            // {"credentials":{"github":"x"}}, {"cookies":{"theme":"x"}}
            : level.Owner is NameKind.Mixed or NameKind.Cookie && !CredentialName.IsAbout(name) ? NameKind.Random
            : NameKind.None;
    }

    // {"name":"DB_PASSWORD","value":"x"} and ["X-Api-Key","x"]: what a string says can be the name of another's value.
    private void NotePair(ReadOnlySpan<char> value)
    {
        ref var level = ref CollectionsMarshal.AsSpan(_levels)[^1];
        if (value.Length > CredentialName.MaxLength || CredentialName.Of(value) is not (not NameKind.None and var kind)
            || (level.IsObject && !IsNameOfPair(NameOf(level), value)))
        {
            return;
        }

        if (!level.IsObject)
        {
            // A list of names is one, too.
            level.Pair = kind == NameKind.Certain ? NameKind.Mixed : kind;
            return;
        }

        var isFirst = level.Pair == NameKind.None;
        level.Pair = kind;
        if (isFirst && !level.IsAgain)
        {
            // The value may stand before its name: the object is read again up to here.
            Again(level.Start, level.NameFrom - 1, kind);
        }
    }

    // The path of a change begins with a slash: that of a file does not.
    private static bool IsNameOfPair(ReadOnlySpan<char> name, ReadOnlySpan<char> value) =>
        Related.IsName(name) && (value[0] == '/' || !name.Equals("path", StringComparison.OrdinalIgnoreCase));

    private readonly void Again(int from, int to, NameKind kind)
    {
        var again = new JsonWalk(text, from, to, search, cuts, quote);
        again._levels.Add(new() { IsObject = true, Start = from, Pair = kind, IsAgain = true });
        var expected = Expected.NameOrEnd;
        do
        {
            again._at = again._text.SkipSpace(again._at);
        }
        while (again._at < to && again.TryStep(ref expected) && again._levels.Count > 0);
    }

    private void Cut(int from, int to, ReadOnlySpan<char> value)
    {
        cuts.Add(from, to, Rule);
        cuts.Learn(value);
    }

    private readonly void Look(int from, int to, bool isEscaped, ReadOnlySpan<char> name = default)
    {
        if (isEscaped)
        {
            search.Decode(from, to, isJson: true, name);
        }
        else
        {
            search.RunWithin(from, to);
            CredentialSearch.FindAssigned(name, text, from, to, cuts);
        }
    }

    private readonly ReadOnlySpan<char> NameOf(in Level level)
    {
        var name = _text[level.NameFrom..level.NameTo];
        return level.IsNameEscaped && DecodedText.Of(name, isJson: true) is { } decoded ? Undone(decoded) : name;
    }

    /// <summary>An object or a list that is open.</summary>
    private record struct Level
    {
        public bool IsObject;
        public int Start;

        // What it is the value of.
        public NameKind Owner;

        // What a field or an item of it says that another is the value of.
        public NameKind Pair;

        // Whether it is read again, because the name came behind the value.
        public bool IsAgain;

        // The field that is read.
        public int NameFrom;
        public int NameTo;
        public bool IsNameEscaped;
        public bool HasWords;
        public NameKind Kind;
    }
}
