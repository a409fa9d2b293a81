namespace Aspire.Webhooks.ServiceDefaults.Logging;

/// <summary>Tells the first failure from those that follow, and when calls succeed again: a line each.</summary>
public sealed class Outage(TimeProvider time)
{
    private long _since;

    /// <summary>A call failed.</summary>
    /// <returns>True for the first since calls succeeded.</returns>
    public bool Begins() => Interlocked.CompareExchange(ref _since, Math.Max(1, time.GetTimestamp()), 0) == 0;

    /// <summary>A call succeeded.</summary>
    /// <returns>How long calls had been failing; null when they had not.</returns>
    public TimeSpan? Ends()
    {
        if (Volatile.Read(ref _since) == 0)
        {
            return null;
        }

        var since = Interlocked.Exchange(ref _since, 0);
        return since == 0 ? null : time.GetElapsedTime(since);
    }
}
