namespace Aspire.Webhooks.Series;

/// <summary>
/// Durations in classes whose bounds are 9 % apart. Unlike percentiles, the counts of minutes can be added to those of hours.
/// </summary>
public sealed class DurationBins
{
    /// <summary>The class of a duration <c>ms</c> in SQL; null for no duration.</summary>
    // Of null and 1 the greatest is 1.
    public const string Sql = "case when ms is not null then ceil(8 * ln(greatest(ms, 1)) / ln(2::float8))::smallint end";

    // Classes per octave, as above.
    private const int PerOctave = 8;

    private readonly SortedDictionary<short, long> _counts = [];

    /// <summary>How many durations there are.</summary>
    public long Count { get; private set; }

    /// <summary>Adds durations of one class.</summary>
    public void Add(short bin, long count)
    {
        _counts[bin] = _counts.GetValueOrDefault(bin) + count;
        Count += count;
    }

    /// <summary>Adds the durations of others.</summary>
    public void Add(DurationBins others)
    {
        foreach (var (bin, count) in others._counts)
        {
            Add(bin, count);
        }
    }

    /// <summary>
    /// Estimates the duration in milliseconds that a share of all do not exceed. It is in the class of the true one. Null without
    /// durations.
    /// </summary>
    public double? Percentile(double share)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        var before = 0L;
        foreach (var (bin, count) in _counts)
        {
            if (before + count >= rank)
            {
                var (low, high) = (bin == 0 ? 0 : Bound(bin - 1), Bound(bin));
                return low + ((high - low) * (rank - before) / count);
            }

            before += count;
        }

        return null;
    }

    private static double Bound(int bin) => Math.Pow(2, (double)bin / PerOctave);
}
