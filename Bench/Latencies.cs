using System.Globalization;

namespace Aspire.Webhooks.Bench;

/// <summary>Measured times in milliseconds.</summary>
internal sealed class Latencies
{
    public static readonly Latencies None = new([]);

    private readonly double[] _sorted;

    private Latencies(IEnumerable<double> all) => _sorted = [.. all.Order()];

    public Latencies Add(IEnumerable<double> more) => new([.. _sorted, .. more]);

    public Latencies Add(Latencies more) => Add(more._sorted);

    /// <summary>The time that the given share of all did not exceed.</summary>
    public double At(double share) => _sorted[(int)Math.Ceiling(share * _sorted.Length) - 1];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{_sorted.Length,6} messages   p50 {At(0.5),7:0.0} ms   p99 {At(0.99),7:0.0} ms   most {_sorted[^1],7:0.0} ms");
}
