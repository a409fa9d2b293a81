using System.Text.RegularExpressions;

namespace Aspire.Webhooks.Tests.Integration.Monitoring;

/// <summary>A metric in an expression, and the labels that it is selected by.</summary>
internal sealed record Selector(string Metric, IReadOnlyList<string> Labels);

/// <summary>What an expression uses: enough of PromQL for ours.</summary>
/// <param name="Grouped">The labels of <c>by</c>.</param>
internal sealed partial record PromQL(IReadOnlyList<Selector> Selectors, IReadOnlyList<string> Grouped)
{
    private static readonly string[] Words = ["and", "or", "unless", "on", "ignoring", "bool", "offset", "inf", "nan"];

    public static PromQL Read(string expression)
    {
        var grouped = By().Matches(expression).SelectMany(by => Name().Matches(by.Groups["labels"].Value))
            .Select(label => label.Value);
        var rest = Range().Replace(By().Replace(expression, ""), "");
        var selectors = Metric().Matches(rest)
            .Where(metric => !Words.Contains(metric.Groups["name"].Value, StringComparer.OrdinalIgnoreCase)
                && !rest[(metric.Index + metric.Length)..].TrimStart().StartsWith('('))
            .Select(metric => new Selector(
                metric.Groups["name"].Value,
                [.. Matcher().Matches(metric.Groups["labels"].Value).Select(label => label.Groups["name"].Value)]));
        return new([.. selectors], [.. grouped]);
    }

    [GeneratedRegex(@"\bby\s*\((?<labels>[^)]*)\)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex By();

    [GeneratedRegex(@"\[[^\]]*\]", RegexOptions.NonBacktracking)]
    private static partial Regex Range();

    [GeneratedRegex(@"[a-zA-Z_]\w*", RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex(
        """\b(?<name>[a-zA-Z_:][\w:]*)(\{(?<labels>([^"}]|"[^"]*")*)\})?""",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Metric();

    [GeneratedRegex(
        """(?<name>[a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"[^"]*["]""", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Matcher();
}
