namespace Aspire.Webhooks.Redaction;

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

    /// <summary>Returns the text without the secrets, the same instance where it has none.</summary>
    public string TakeOut(string text)
    {
        if (_index is null)
        {
            return text;
        }

        List<int>? found = null;
        var cuts = new Cuts(text);
        // Another secret may begin inside of one and end behind it.
        for (var at = _index.Next(text, 0, ref found); at >= 0; at = _index.Next(text, at + 1, ref found))
        {
            cuts.Add(at, at, at + found!.Max(form => _forms[form].Length));
        }

        return cuts.Apply();
    }
}
