namespace Aspire.Webhooks.Redaction;

/// <summary>Given secrets in all their spellings.</summary>
internal sealed class KnownSecrets
{
    private const string Rule = "configured secret";

    private readonly string[] _forms;
    private readonly PhraseIndex? _index;

    public KnownSecrets(IEnumerable<string> forms)
    {
        _forms = [.. forms.Distinct(StringComparer.Ordinal)];
        _index = _forms.Length == 0 ? null : new PhraseIndex(_forms, StringComparison.Ordinal);
    }

    /// <summary>These and more.</summary>
    public KnownSecrets With(IEnumerable<string> forms) => new([.. _forms, .. forms]);

    /// <summary>Where the next one begins; -1 when there is none.</summary>
    public int Next(ReadOnlySpan<char> text, int from) => _index?.Next(text, from) ?? -1;

    /// <summary>Returns the text without the secrets, the same instance where it has none.</summary>
    public string TakeOut(string text)
    {
        var cuts = new Cuts();
        Find(text, 0, text.Length, cuts);
        return cuts.Apply(text);
    }

    /// <summary>Adds those that begin and end within a part of the text.</summary>
    public void Find(ReadOnlySpan<char> text, int start, int end, Cuts cuts)
    {
        // Another secret may begin inside of one and end behind it.
        for (var at = Next(text[..end], start); at >= 0; at = Next(text[..end], at + 1))
        {
            cuts.Add(at, at + LongestAt(text[..end], at), Rule);
        }
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
