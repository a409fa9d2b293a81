namespace Aspire.Webhooks.ServiceDefaults.Logging;

/// <summary>Detects the start and the end of an outage, so that each is logged once.</summary>
public sealed class Outage(TimeProvider time)
{
    private long _since;

    /// <summary>Records a failed call.</summary>
    /// <returns>True for the first failure after a success.</returns>
    public bool Begins() => Interlocked.CompareExchange(ref _since, Math.Max(1, time.GetTimestamp()), 0) == 0;

    /// <summary>Records a successful call.</summary>
    /// <returns>How long the outage lasted; null when there was none.</returns>
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
