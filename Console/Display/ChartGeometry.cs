namespace Aspire.Webhooks.Console.Display;

/// <summary>A bar of a chart.</summary>
public sealed record ChartBar(int X, double Y, double Height);

/// <summary>
/// Places values in a chart that is <see cref="Height"/> high and has <see cref="Step"/> for each value. The largest value
/// reaches the top.
/// </summary>
public static class ChartGeometry
{
    public const int Step = 4;
    public const int BarWidth = 3;
    public const int Height = 60;

    // What happened once beside thousands is still seen.
    private const double Least = 1.5;

    /// <summary>Returns the bars of values that stand on others. A value of 0 has no bar.</summary>
    /// <param name="values">The values.</param>
    /// <param name="below">The values that these stand on; empty for none.</param>
    /// <param name="max">The largest sum of both.</param>
    public static IReadOnlyList<ChartBar> Bars(IReadOnlyList<long> values, IReadOnlyList<long> below, long max)
    {
        var bars = new List<ChartBar>();
        for (var at = 0; at < values.Count; at++)
        {
            if (values[at] > 0)
            {
                var under = at < below.Count ? HeightOf(below[at], max) : 0;
                var height = Math.Min(HeightOf(values[at], max), Height);
                var y = Math.Max(0, Height - under - height);
                bars.Add(new(at * Step, y, height));
            }
        }

        return bars;
    }

    /// <summary>Returns the points of a line, as SVG has them. It is interrupted where there is no value.</summary>
    public static IReadOnlyList<string> Lines(IReadOnlyList<double?> values, double max)
    {
        var lines = new List<string>();
        var points = new List<string>();
        for (var at = 0; at <= values.Count; at++)
        {
            if (at < values.Count && values[at] is { } value)
            {
                var y = Math.Round(Height - (max > 0 ? value / max * Height : 0), 1);
                points.Add(FormattableString.Invariant($"{at * Step},{y}"));
                // A value between two gaps is a short line.
                points.Add(FormattableString.Invariant($"{(at * Step) + BarWidth},{y}"));
            }
            else if (points.Count > 0)
            {
                lines.Add(string.Join(' ', points));
                points.Clear();
            }
        }

        return lines;
    }

    private static double HeightOf(long value, long max) =>
        value == 0 ? 0 : Math.Round(Math.Max(Least, (double)value / max * Height), 1);
}
