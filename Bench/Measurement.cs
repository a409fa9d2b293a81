using System.Globalization;

namespace Aspire.Webhooks.Bench;

/// <summary>How much is measured; null is the part's own default.</summary>
/// <param name="Against">The folder of another checkout that is built in the same way; null for none.</param>
internal sealed record Size(int Rounds, double? Seconds, int? Events, bool Smoke, bool WithPeers, string? Against = null)
{
    public override string ToString() => string.Join(", ", ((string?[])
    [
        $"{Rounds} rounds",
        Seconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{seconds} s each") : null,
        Events is { } events ? string.Create(CultureInfo.InvariantCulture, $"{events:N0} events") : null,
        Smoke ? "a smoke" : null,
        Against is { } folder ? $"against {Repository.CommitOf(folder)}" : null,
    ]).OfType<string>());
}

/// <summary>One of those that are measured in turn.</summary>
/// <param name="MeasureAsync">Measures once, and returns a rate.</param>
internal sealed record Contestant(string Name, Func<Task<double>> MeasureAsync);

/// <summary>One run of a part: what it may use, and what it found.</summary>
internal sealed class Measurement(Stores stores, Size size)
{
    public Stores Stores => stores;

    public bool WithPeers => size.WithPeers;

    public bool IsSmoke => size.Smoke;

    public int Rounds => size.Rounds;

    public string? Against => size.Against;

    public List<Finding> Findings { get; } = [];

    /// <summary>How long something is measured: as asked for; the part's default; in a smoke next to nothing.</summary>
    public TimeSpan Duration(double usual) => TimeSpan.FromSeconds(size.Seconds ?? (size.Smoke ? 1 : usual));

    /// <summary>The same of a number of events.</summary>
    public int Events(int usual, int inSmoke = 500) => size.Events ?? (size.Smoke ? inSmoke : usual);

    public void Add(Finding finding)
    {
        Findings.Add(finding);
        Console.WriteLine($"{finding.Name,-60} {Finding.Number(finding.Value),10} {finding.Unit,-6} {finding.Target,-8} "
            + $"{finding.Verdict,-6} {finding.Detail}");
    }

    public static void Say(string text) => Console.WriteLine($"  {text}");

    /// <summary>Measures all in turn, in each round again, so that what changes on the machine changes for all.</summary>
    public async Task<Rates> InTurnAsync(params IReadOnlyList<Contestant> contestants)
    {
        var rates = new Rates();
        for (var round = 1; round <= size.Rounds; round++)
        {
            foreach (var contestant in contestants)
            {
                var rate = await contestant.MeasureAsync();
                rates.Add(contestant.Name, rate);
                Say($"round {round}, {contestant.Name}: {Finding.Number(rate)}/s");
            }
        }

        return rates;
    }
}

/// <summary>Rates by contestant, one of each round.</summary>
internal sealed class Rates
{
    private readonly Dictionary<string, List<double>> _all = new(StringComparer.Ordinal);

    public void Add(string name, double rate)
    {
        _all.TryAdd(name, []);
        _all[name].Add(rate);
    }

    public double Median(string name) => Median(_all[name]);

    /// <summary>The median of what one is to the other in each round.</summary>
    public double Ratio(string one, string other) => Median(_all[one].Zip(_all[other], (mine, its) => mine / its));

    /// <summary>One rate with its extremes.</summary>
    public string Describe(string name) => _all[name] is { Count: > 1 } several
        ? $"{name} {Finding.Number(Median(name))}/s ({Finding.Number(several.Min())}–{Finding.Number(several.Max())})"
        : $"{name} {Finding.Number(Median(name))}/s";

    /// <summary>A finding: one to the other.</summary>
    public Finding Compare(string part, string one, string other, double? atLeast = null) =>
        new($"{part}: {one} ÷ {other}", Ratio(one, other), "×", $"{Describe(one)}, {Describe(other)}", AtLeast: atLeast);

    /// <summary>
    /// A finding: one to what the others would do if each event took the time of all of them, one after the other. All keep
    /// the processors busy, so it is about what one can reach that has to do what they do.
    /// </summary>
    public Finding CompareToAll(string part, string one, params string[] others)
    {
        var together = Enumerable.Range(0, _all[one].Count).Select(round => 1 / others.Sum(other => 1 / _all[other][round]));
        return new(
            $"{part}: {one} ÷ ({string.Join(" + ", others)})", Median(_all[one].Zip(together, (mine, its) => mine / its)), "×",
            string.Join(", ", others.Prepend(one).Select(Describe)) + $"; together {Finding.Number(Median(together))}/s");
    }

    public Finding Of(string part, string name) => new($"{part}: {name}", Median(name), "/s", Describe(name));

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
