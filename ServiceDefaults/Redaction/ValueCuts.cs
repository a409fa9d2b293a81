namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>
/// The text in which the values of names are looked for. A look that finds nothing is bounded, so that time is linear in the text
/// whatever it repeats.
/// </summary>
/// <param name="offset">Where the text begins in what is cut.</param>
internal readonly ref struct ValueCuts(ReadOnlySpan<char> text, int offset, Cuts cuts)
{
    // How far fields of one thing are apart, and how much of a list or an object is looked at.
    public const int Reach = 300;
    public const int StructureReach = 1024;

    // How long a value can be that is only looked at.
    public const int MaxUncertain = 512;

    private readonly ReadOnlySpan<char> _text = text;

    public ReadOnlySpan<char> Text => _text;

    /// <summary>The kind where words are as likely as values: there a value must not look like one.</summary>
    public static NameKind Careful(NameKind kind) => kind == NameKind.Certain ? NameKind.Mixed : kind;

    /// <summary>
    /// How far a value is looked at: to the end only when it is cut whatever it is, which spares all within it another look.
    /// </summary>
    public int Last(int at, NameKind kind) =>
        kind is NameKind.Certain or NameKind.Authorization ? _text.Length : Math.Min(_text.Length, at + MaxUncertain);

    /// <summary>Cuts a part of the text if it is a credential for a name of that kind.</summary>
    public bool Cut(int from, int to, NameKind kind) =>
        CredentialValue.Is(_text[from..to], kind) && cuts.AddNamed(offset + from, offset + to, _text[from..to]);
}
