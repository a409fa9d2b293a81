using Aspire.Webhooks.ServiceDefaults.Redaction.Shapes;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>All shapes of credentials, and the one pass that finds where any of them can be.</summary>
internal static class RedactionPatterns
{
    public static readonly RedactionPattern[] All =
    [
        .. Generic.All, .. CodeHosting.All, .. Cloud.All, .. Payment.All, .. Messaging.All, .. Models.All, .. Workplace.All,
        .. Observability.All,
    ];

    private static readonly (string Keyword, RedactionPattern[] Patterns)[] Keywords =
    [
        .. All.SelectMany(pattern => pattern.Keywords.Select(keyword => (Keyword: keyword, Pattern: pattern)))
            .GroupBy(pair => pair.Keyword, pair => pair.Pattern, StringComparer.Ordinal)
            .Select(group => (group.Key, group.Distinct().ToArray())),
    ];

    private static readonly PhraseIndex Index =
        new([.. Keywords.Select(keyword => keyword.Keyword)], StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the text without what has one of the shapes, the same instance where nothing has.</summary>
    /// <param name="onlyThoseThatShow">Whether only shapes count that <see cref="RedactionPattern.ShowsItself"/>.</param>
    public static string TakeOut(string text, bool onlyThoseThatShow = false)
    {
        var cuts = new Cuts(text);
        for (var at = Index.Next(text, 0); at >= 0; at = Index.Next(text, at))
        {
            // A keyword within a credential is part of it.
            if (Match(text, at, within: cuts.Cover(at), onlyThoseThatShow) is var (from, to))
            {
                cuts.Add(at, from, to);
            }

            at++;
        }

        return cuts.Apply();
    }

    /// <summary>Whether <see cref="TakeOut"/> may find something; false for most texts that have nothing.</summary>
    public static bool MayFind(ReadOnlySpan<char> text)
    {
        for (var at = Index.Next(text, 0); at >= 0; at = Index.Next(text, at + 1))
        {
            foreach (var index in Index.Candidates(text, at))
            {
                var (keyword, patterns) = Keywords[index];
                foreach (var pattern in patterns)
                {
                    if (Index.Begins(text, at, index) && pattern.MayMatch(text, at, keyword))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    /// <summary>Whether the text has a word that some shapes are looked for at.</summary>
    public static bool HasKeyword(ReadOnlySpan<char> text) => Index.Next(text, 0) >= 0;

    // Several shapes may begin alike: nothing of what any of them finds stays.
    private static (int From, int To)? Match(string text, int at, bool within, bool onlyThoseThatShow)
    {
        (int From, int To)? all = null;
        foreach (var index in Index.Candidates(text, at))
        {
            if (!Index.Begins(text, at, index))
            {
                continue;
            }

            var (keyword, patterns) = Keywords[index];
            foreach (var pattern in patterns)
            {
                if ((!within || pattern.SpansLines) && (pattern.ShowsItself || !onlyThoseThatShow)
                    && pattern.Match(text, at, keyword) is { } range)
                {
                    var (from, to) = (range.Start.Value, range.End.Value);
                    all = all is var (first, last) ? (Math.Min(first, from), Math.Max(last, to)) : (from, to);
                }
            }
        }

        return all;
    }
}
