namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Given secrets in all their spellings.</summary>
internal sealed class KnownSecrets
{
    private readonly string[] _forms;
    private readonly PhraseIndex? _index;

    public KnownSecrets(IEnumerable<string> forms)
    {
        _forms = [.. forms.Distinct(StringComparer.Ordinal)];
        _index = _forms.Length == 0 ? null : new PhraseIndex(_forms, StringComparison.Ordinal);
    }

    /// <summary>These and more.</summary>
    public KnownSecrets With(IEnumerable<string> forms) => new([.. _forms, .. forms]);

    /// <summary>Whether one is in the text.</summary>
    public bool AreIn(ReadOnlySpan<char> text) => _index?.Next(text, 0) >= 0;

    /// <summary>Returns the text without the secrets, the same instance where it has none.</summary>
    public string TakeOut(string text)
    {
        if (_index is null)
        {
            return text;
        }

        var cuts = new Cuts(text);
        // Another secret may begin inside of one and end behind it.
        for (var at = _index.Next(text, 0); at >= 0; at = _index.Next(text, at + 1))
        {
            cuts.Add(at, at, at + LongestAt(text, at));
        }

        return cuts.Apply();
    }

    private int LongestAt(string text, int at) =>
        _index!.Candidates(text, at).Where(form => _index.Begins(text, at, form)).Max(form => _forms[form].Length);
}
