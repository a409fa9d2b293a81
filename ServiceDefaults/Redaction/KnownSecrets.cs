namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>
/// The secrets of this process in all their spellings, and those of other processes as fingerprints. Immutable.
/// </summary>
internal sealed class KnownSecrets
{
    public const string Rule = "configured secret";

    private readonly string[] _forms;
    private readonly string[] _learned;
    private readonly SharedSecrets _shared;
    private readonly PhraseIndex? _index;

    public KnownSecrets(IEnumerable<string> forms)
        : this([.. forms.Distinct(StringComparer.Ordinal)], [], SharedSecrets.None)
    {
    }

    private KnownSecrets(string[] forms, string[] learned, SharedSecrets shared)
    {
        (_forms, _learned, _shared) = (forms, learned, shared);
        _index = forms.Length + learned.Length == 0 ? null : new PhraseIndex([.. forms, .. learned], StringComparison.Ordinal);
    }

    /// <summary>These and more of this process.</summary>
    public KnownSecrets With(IEnumerable<string> forms) =>
        new([.. _forms.Concat(forms).Distinct(StringComparer.Ordinal)], [], _shared);

    /// <summary>These, with others of other processes.</summary>
    public KnownSecrets With(SharedSecrets shared) => new(_forms, [], shared);

    /// <summary>These, and what one place of a text gave away, for its other places.</summary>
    public KnownSecrets WithLearned(IEnumerable<string> values) =>
        new(_forms, [.. _learned.Union(values, StringComparer.Ordinal)], _shared);

    /// <summary>Whether one is in the text.</summary>
    public bool AreIn(ReadOnlySpan<char> text) => _index?.Next(text, 0) >= 0 || _shared.AreIn(text);

    /// <summary>Returns the text without the secrets, the same instance where it has none.</summary>
    public string TakeOut(string text)
    {
        var cuts = new Cuts();
        foreach (var (from, to) in Find(text))
        {
            cuts.Add(from, to, Rule);
        }

        return cuts.Apply(text);
    }

    /// <summary>Where they stand in the text, the first one first.</summary>
    public List<(int From, int To)> Find(ReadOnlySpan<char> text)
    {
        var found = _shared.Find(text);
        // Another secret may begin inside of one and end behind it.
        for (var at = _index?.Next(text, 0) ?? -1; at >= 0; at = _index!.Next(text, at + 1))
        {
            if (LongestAt(text, at) is > 0 and var length)
            {
                found.Add((at, at + length));
            }
        }

        found.Sort();
        return found;
    }

    private int LongestAt(ReadOnlySpan<char> text, int at)
    {
        var longest = 0;
        foreach (var form in _index!.Candidates(text, at))
        {
            var secret = form < _forms.Length ? _forms[form] : _learned[form - _forms.Length];
            if (secret.Length > longest && _index.Begins(text, at, form)
                && (form < _forms.Length || CredentialValue.Tells(secret) != Telling.AsWord || text.IsWord(at, secret.Length)))
            {
                longest = secret.Length;
            }
        }

        return longest;
    }
}
