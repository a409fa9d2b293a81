namespace Aspire.Webhooks.Queue;

/// <summary>
/// How many jobs run at once. While all places are taken and jobs wait, the limit grows by half. If fewer than 5 % more jobs end
/// in the next interval, it returns to the old value and rests for 25 intervals. If no job ended in the interval before, it keeps
/// growing: jobs that hang cost little, and others wait behind them. It never shrinks below a value that it has kept.
/// </summary>
/// <param name="ceiling">The highest limit.</param>
internal sealed class JobLimit(int ceiling)
{
    private const int LeastStart = 8;
    private const double Gain = 1.05;
    private const int Rest = 25;

    private int _before;
    private double _rateBefore;
    private int _resting;

    /// <summary>
    /// The limit. It begins with a quarter of the ceiling, and with at least 8, or with the ceiling if that is lower.
    /// </summary>
    public int Value { get; private set; } = Math.Max(Math.Min(LeastStart, ceiling), ceiling / 4);

    /// <summary>Adjusts the limit at the end of an interval.</summary>
    /// <param name="rate">How many jobs per second ended in the interval.</param>
    /// <param name="isShort">Whether all places are taken and jobs wait.</param>
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
