namespace Aspire.Webhooks.Queue;

/// <summary>
/// How many jobs run at once: as many as bring something, up to a ceiling. While all places are taken and jobs wait, it grows by
/// half; when that did not settle more jobs, it goes back and rests. Where nothing ends, because all hang, it grows: they wait
/// for somebody else, and others wait behind them.
/// </summary>
/// <param name="ceiling">The most.</param>
internal sealed class JobLimit(int ceiling)
{
    private const int LeastStart = 8;
    private const double Gain = 1.05;
    private const int Rest = 25;

    private int _before;
    private double _rateBefore;
    private int _resting;

    /// <summary>How many may run now. A quarter of the ceiling to begin with, and not less than 8 or the ceiling.</summary>
    public int Value { get; private set; } = Math.Max(Math.Min(LeastStart, ceiling), ceiling / 4);

    /// <summary>Notes how the last interval went.</summary>
    /// <param name="rate">Jobs that ended in it, per second.</param>
    /// <param name="isShort">Whether all places were taken and jobs waited at its end.</param>
    /// <returns>Whether the limit has grown.</returns>
    public bool Sample(double rate, bool isShort)
    {
        if (_before > 0)
        {
            var (before, rateBefore) = (_before, _rateBefore);
            _before = 0;
            if (rateBefore > 0 && rate < rateBefore * Gain)
            {
                Value = before;
                _resting = Rest;
                return false;
            }
        }

        if (_resting > 0)
        {
            _resting--;
            return false;
        }

        if (!isShort || Value == ceiling)
        {
            return false;
        }

        (_before, _rateBefore) = (Value, rate);
        Value = Math.Min(ceiling, Value + Math.Max(1, Value / 2));
        return true;
    }
}
