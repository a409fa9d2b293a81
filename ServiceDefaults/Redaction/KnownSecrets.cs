namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>The secrets of this process in all their spellings, and those of other processes as fingerprints. Immutable.</summary>
internal sealed class KnownSecrets
{
    public const string Rule = "configured secret";

    private readonly string[] _forms;
    private readonly SharedSecrets _shared;
    private readonly PhraseIndex? _index;

    public KnownSecrets(IEnumerable<string> forms)
        : this([.. forms.Distinct(StringComparer.Ordinal)], SharedSecrets.None)
    {
    }

    private KnownSecrets(string[] forms, SharedSecrets shared)
    {
        (_forms, _shared) = (forms, shared);
        _index = forms.Length == 0 ? null : new PhraseIndex(forms, StringComparison.Ordinal);
    }

    /// <summary>These and more of this process.</summary>
    public KnownSecrets With(IEnumerable<string> forms) =>
        new([.. _forms.Concat(forms).Distinct(StringComparer.Ordinal)], _shared);

    /// <summary>These, with others of other processes.</summary>
    public KnownSecrets With(SharedSecrets shared) => new(_forms, shared);

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
            found.Add((at, at + LongestAt(text, at)));
        }

        found.Sort();
        return found;
    }

    private int LongestAt(ReadOnlySpan<char> text, int at)
    {
        var longest = 0;
        foreach (var form in _index!.Candidates(text, at))
        {
            longest = _index.Begins(text, at, form) ? Math.Max(longest, _forms[form].Length) : longest;
        }

        return longest;
    }
}
