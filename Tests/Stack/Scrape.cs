using System.Globalization;
using System.Text.RegularExpressions;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>One line of a scrape.</summary>
public sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    public bool Has(string label, string value) => Labels.TryGetValue(label, out var found) && found == value;
}

/// <summary>What <c>/metrics</c> answers.</summary>
public sealed partial class Scrape
{
    private Scrape(string text) => Samples = [.. Line().Matches(text).Select(Read)];

    public IReadOnlyList<Sample> Samples { get; }

    public static async Task<Scrape> OfAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/metrics", TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return new(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The value of the only series that has these labels, and perhaps others; null when there is none.</summary>
    public double? Value(string name, params (string Label, string Value)[] labels) =>
        Samples.SingleOrDefault(
            sample => sample.Name == name && labels.All(label => sample.Has(label.Label, label.Value)))?.Value;

    private static Sample Read(Match line) => new(
        line.Groups["name"].Value,
        Label().Matches(line.Groups["labels"].Value)
            .ToDictionary(label => label.Groups["name"].Value, label => label.Groups["value"].Value, StringComparer.Ordinal),
        double.Parse(
            line.Groups["value"].Value.Replace("+Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture));

    [GeneratedRegex(
        """^(?<name>[a-zA-Z_:][\w:]*)(\{(?<labels>([^"}]|"(\\.|[^"\\])*")*)\})? (?<value>\S+)""",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Line();

    [GeneratedRegex(
        """(?<name>[a-zA-Z_]\w*)="(?<value>(\\.|[^"\\])*)["]""", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Label();
}
