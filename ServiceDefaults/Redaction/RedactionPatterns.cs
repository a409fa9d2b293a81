using Aspire.Webhooks.ServiceDefaults.Redaction.Shapes;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Where in a text a credential may be: at the words of all shapes and of all names, found in one pass.</summary>
internal static class RedactionPatterns
{
    public static readonly RedactionPattern[] All =
    [
        .. Generic.All, .. CodeHosting.All, .. Cloud.All, .. Payment.All, .. Messaging.All, .. Models.All, .. Workplace.All,
        .. Observability.All,
    ];

    // Names of two and three letters count as words: what may stand behind them is searched with them, which spares "mapping"
    // and "inside".
    private static readonly string[] BehindPair = [
        "=", "= ", " =", ":", ": ", " :", "\":", "\" ", "\\\"", "':", "' ", "']", "\"]"];
    private const string BehindWord = "\t\n\r !\"#$%&'()*+,-./0123456789:;<=>?@[\\]^_`{|}~s";

    private static readonly RedactionKeyword[] Keywords =
    [
        .. All.SelectMany(pattern => pattern.Keywords.Select(keyword => (Keyword: keyword, Pattern: pattern)))
            .GroupBy(pair => pair.Keyword, pair => pair.Pattern, StringComparer.Ordinal)
            .Select(group => new RedactionKeyword(group.Key, group.Key.Length, [.. group.Distinct()], IsName: false)),
        .. CredentialName.Stems.SelectMany(stem => stem.Length > 3
            ? [new RedactionKeyword(stem, stem.Length, [], IsName: true)]
            : (stem.Length < 3 ? BehindPair : BehindWord.Select(behind => $"{behind}"))
                .Select(behind => new RedactionKeyword($"{stem}{behind}", stem.Length, [], IsName: true))),
    ];

    private static readonly PhraseIndex Index =
        new([.. Keywords.Select(keyword => keyword.Phrase)], StringComparison.OrdinalIgnoreCase);

    /// <summary>Where the next word begins; -1 when there is none.</summary>
    public static int Next(ReadOnlySpan<char> text, int from) => Index.Next(text, from);

    /// <summary>
    /// The words that may begin at a place that <see cref="Next"/> returned; <see cref="Begins"/> tells which do.
    /// </summary>
    public static int[] Candidates(ReadOnlySpan<char> text, int at) => Index.Candidates(text, at);

    public static bool Begins(ReadOnlySpan<char> text, int at, int candidate) => Index.Begins(text, at, candidate);

    public static RedactionKeyword Keyword(int candidate) => Keywords[candidate];
}

/// <summary>A word at which something is looked for.</summary>
/// <param name="Phrase">What is searched for.</param>
/// <param name="Length">How much of it is the word.</param>
/// <param name="Patterns">The shapes that begin with it.</param>
/// <param name="IsName">Whether it may be part of a credential's name.</param>
internal sealed record RedactionKeyword(string Phrase, int Length, RedactionPattern[] Patterns, bool IsName);
