using System.Globalization;

namespace Aspire.Webhooks.Bench;

/// <summary>Measured times in milliseconds.</summary>
internal sealed class Latencies(IEnumerable<double> all)
{
    public static readonly Latencies None = new([]);

    private readonly double[] _sorted = [.. all.Order()];

    public int Count => _sorted.Length;

    public Latencies Add(Latencies more) => new([.. _sorted, .. more._sorted]);

    /// <summary>The time that the given share of all did not exceed; NaN where there is none.</summary>
    public double At(double share) =>
        _sorted.Length == 0 ? double.NaN : _sorted[Math.Max((int)Math.Ceiling(share * _sorted.Length) - 1, 0)];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"p50 {At(0.5):0.0} ms, p99 {At(0.99):0.0} ms, most {At(1):0.0} ms");
}
