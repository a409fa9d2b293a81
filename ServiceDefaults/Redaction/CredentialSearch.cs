using Aspire.Webhooks.ServiceDefaults.Redaction.Shapes;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Finds the credentials of a text in one pass from word to word: each may begin a shape, or be part of a name whose
/// value stands in one of the structures that relate them. JSON in it is read as JSON, and what is escaped is read
/// again as what it says.</summary>
/// <param name="quote">How a quotation mark of JSON is written in what is cut.</param>
internal sealed class CredentialSearch(string text, KnownSecrets known, Cuts cuts, int layer = 0, string quote = "\"")
{
    // An address in an address in JSON in JSON.
    private const int MaxLayers = 5;

    private const int MaxSpacedWords = 3;

    private readonly bool _mayHide = DecodedText.MayHide(text);
    private string? _escaped;

    private readonly List<(int From, int To)> _secrets = known.Find(text);

    // From a place on the next one where a word begins, sought only as far as it is needed.
    private (int From, int At) _word = (0, -1);

    /// <summary>Whether <see cref="Run()"/> may find something; false for most texts that have nothing.</summary>
    public static bool MayFind(ReadOnlySpan<char> text, KnownSecrets known) =>
        RedactionPatterns.Next(text, 0) >= 0 || known.AreIn(text) || DecodedText.MayHide(text)
            || Messaging.Mailgun(text, 0) is not null;

    public void Run() => Run(0, text.Length, quote);

    /// <summary>Looks at what a part of the text says when its escapes are undone.</summary>
    /// <param name="name">The name of what it is the value of, if any.</param>
    public void Decode(int start, int end, bool isJson, ReadOnlySpan<char> name = default)
    {
        if (layer >= MaxLayers || DecodedText.Of(text.AsSpan(start..end), isJson) is not { } decoded)
        {
            if (isJson)
            {
                RunWithin(start, end);
            }

            return;
        }

        using (decoded)
        {
            if (name.IsEmpty && !MayFind(decoded.Span, known))
            {
                return;
            }

            var found = new Cuts();
            var undone = decoded.ToString();
            new CredentialSearch(undone, known, found, layer + 1, isJson ? Escaped() : "").Run();
            FindAssigned(name, undone, 0, undone.Length, found);
            cuts.Add(found, at => start + decoded.OriginOf(at));
        }
    }

    /// <summary>Whether something may be in a part of the text, which for most parts is quickly seen.</summary>
    public bool IsWorthALook(int from, int to)
    {
        if (from < _word.From || from > _word.At)
        {
            _word = (from, RedactionPatterns.Next(text, from) is >= 0 and var word ? word : text.Length);
        }

        return _word.At < to || HoldsSecret(from, to) || (_mayHide && DecodedText.MayHide(text.AsSpan(from..to)))
            || Messaging.Mailgun(text.AsSpan(0, to), from) is not null;
    }

    /// <summary>Whether a given secret begins in a part of the text.</summary>
    public bool HoldsSecret(int from, int to) =>
        SecretFrom(from) is var index && index < _secrets.Count && _secrets[index].From < to;

    /// <summary>Looks at a JSON string of the text as if nothing stood around it.</summary>
    public void RunWithin(int start, int end) => Run(start, end, Escaped());

    private string Escaped() =>
        _escaped ??= quote.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private void Run(int start, int end, string mark)
    {
        for (var at = start; at < end;)
        {
            var json = JsonWalk.Start(text, at, end, isWhole: at == start);
            var stop = json < 0 ? end : json;
            RunPlain(start, at, stop, end);
            if (_mayHide)
            {
                Decode(at, stop, isJson: false);
            }

            at = json < 0 ? end : new JsonWalk(text, json, end, this, cuts, mark).Run();
        }
    }

    /// <summary>
    /// Finds the given secrets and the shapes that show by themselves what they are, whatever stands around them.
    /// </summary>
    public static void FindKnown(string text, KnownSecrets known, Cuts cuts)
    {
        foreach (var (from, to) in known.Find(text))
        {
            cuts.Add(from, to, KnownSecrets.Rule);
        }

        FindMailgun(text, 0, cuts);
        for (var at = RedactionPatterns.Next(text, 0); at >= 0; at = RedactionPatterns.Next(text, at + 1))
        {
            foreach (var candidate in RedactionPatterns.Candidates(text, at))
            {
                var keyword = RedactionPatterns.Keyword(candidate);
                foreach (var pattern in keyword.Patterns)
                {
                    if (pattern.ShowsItself && RedactionPatterns.Begins(text, at, candidate)
                        && pattern.Match(text, at, text.Length, keyword.Phrase) is { } range)
                    {
                        cuts.Add(range.Start.Value, range.End.Value, pattern.Name);
                    }
                }
            }
        }
    }

    /// <summary>Looks for what a value is that is assigned to a name with a provider's name in it.</summary>
    public static void FindAssigned(ReadOnlySpan<char> name, string text, int start, int end, Cuts cuts)
    {
        for (var at = RedactionPatterns.Next(name, 0); at >= 0; at = RedactionPatterns.Next(name, at + 1))
        {
            foreach (var candidate in RedactionPatterns.Candidates(name, at))
            {
                var keyword = RedactionPatterns.Keyword(candidate);
                foreach (var pattern in keyword.Patterns)
                {
                    if (pattern.IsAssigned && RedactionPatterns.Begins(name, at, candidate)
                        && pattern.MatchValue(text, start, end) is { } range)
                    {
                        cuts.Add(range.Start.Value, range.End.Value, pattern.Name);
                        cuts.Learn(text.AsSpan(range));
                    }
                }
            }
        }
    }

    // Which given secret is the first from a place on.
    private int SecretFrom(int at)
    {
        var index = _secrets.BinarySearch((at, 0));
        return index < 0 ? ~index : index;
    }

    // The words between two places of a text that goes from a start to an end.
    private void RunPlain(int start, int from, int to, int end)
    {
        var all = text.AsSpan(0, end);
        for (var index = SecretFrom(from); index < _secrets.Count && _secrets[index].From < to; index++)
        {
            if (_secrets[index].To <= to)
            {
                cuts.Add(_secrets[index].From, _secrets[index].To, KnownSecrets.Rule);
            }
        }

        FindMailgun(all[..to], from, cuts);
        var values = new NamedValue(new(all[start..], start, cuts));
        var (nameEnd, coveredFrom, coveredTo) = (from, from, from);
        for (var at = RedactionPatterns.Next(all[..to], from); at >= 0; at = RedactionPatterns.Next(all[..to], at + 1))
        {
            // A word within a credential is part of it.
            var isCovered = at >= coveredFrom && at < coveredTo;
            var count = cuts.All.Count;
            foreach (var candidate in RedactionPatterns.Candidates(all, at))
            {
                if (!RedactionPatterns.Begins(all[..to], at, candidate))
                {
                    continue;
                }

                var keyword = RedactionPatterns.Keyword(candidate);
                if (keyword.IsName && at >= nameEnd && !isCovered)
                {
                    nameEnd = start + FindNamed(values, all[start..], at - start, keyword.Length);
                }

                foreach (var pattern in keyword.Patterns)
                {
                    if (!isCovered || pattern.SpansLines)
                    {
                        FindShape(pattern, values, start, at, end, keyword.Phrase);
                    }
                }
            }

            for (; count < cuts.All.Count; count++)
            {
                if (cuts.All[count].To > coveredTo)
                {
                    (coveredFrom, coveredTo) = (cuts.All[count].From, cuts.All[count].To);
                }
            }
        }
    }

    private void FindShape(RedactionPattern pattern, NamedValue values, int start, int at, int end, string keyword)
    {
        var range = !pattern.IsAssigned ? pattern.Match(text, at, end, keyword)
            : IsWithinWord(at) ? null
            : values.Behind(at - start + keyword.Length) is >= 0 and var value ? pattern.MatchValue(text, start + value, end)
            : null;
        if (range is { } found)
        {
            cuts.Add(found.Start.Value, found.End.Value, pattern.Name);
            if (!pattern.KeywordIsPrefix)
            {
                cuts.Learn(text.AsSpan(found));
            }
        }
    }

    // A key of Mailgun begins with no word that is searched for.
    private static void FindMailgun(ReadOnlySpan<char> text, int from, Cuts cuts)
    {
        for (var key = Messaging.Mailgun(text, from); key is { } range; key = Messaging.Mailgun(text, range.End.Value))
        {
            cuts.Add(range.Start.Value, range.End.Value, "Mailgun");
        }
    }

    // "rookTable" and "CameraKit" hold providers' names by chance.
    private bool IsWithinWord(int at) =>
        at > 0 && char.IsAsciiLetter(text[at - 1])
            && (char.IsAsciiLetterLower(text[at]) || char.IsAsciiLetterUpper(text[at - 1]));

    // Judges the name that a word is part of; returns where it ends.
    private static int FindNamed(NamedValue values, ReadOnlySpan<char> text, int at, int length)
    {
        var (start, end) = (text.NameStart(at), text.NameEnd(at + length));
        while (end > at + length && text[end - 1] is '.' or '-')
        {
            end--;
        }

        while (start < at && text[start] is '.' or '-')
        {
            start++;
        }

        // -Dpassword=x, -PapiKey=x
        start += start < at && text[start] is 'D' or 'P' && text.CharacterAt(start - 1) == '-'
            && char.IsAsciiLetter(text[start + 1]) ? 1 : 0;

        var kind = CredentialName.Of(text[start..end]);
        // Words with a space between them are one name where they are known as one: "Api Key:", "session id:".
        var first = start;
        for (var words = 1; words < MaxSpacedWords && text.CharacterAt(first - 1) == ' '
            && Characters.IsName(text.CharacterAt(first - 2)); words++)
        {
            first = text.NameStart(first - 1);
        }

        var last = end;
        if (text.CharacterAt(end) == ' ' && char.IsAsciiLetter(text.CharacterAt(end + 1))
            && text.CharacterAt(start - 1) is not ('<' or ':'))
        {
            last = text.NameEnd(end + 1);
            last = text.CharacterAt(text.SkipBlanks(last)) is ':' or '=' ? last : end;
        }

        if (last > end)
        {
            // What stands before the sign is the name: a "token type:" is none.
            (start, end, kind) = (first, last, CredentialName.Of(text[first..last]));
        }
        else if (first < start && CredentialName.Of(text[first..end]) is var spaced && spaced != kind)
        {
            (start, kind) = (first, spaced);
        }

        if (kind != NameKind.None)
        {
            values.Find(start, end, kind);
        }

        return end;
    }
}
