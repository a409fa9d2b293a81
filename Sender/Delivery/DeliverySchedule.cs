using Aspire.Webhooks.Queue;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>The built-in retry schedules.</summary>
public enum DeliverySchedule
{
    /// <summary>Waits of 1 s, 10 s and 60 s.</summary>
    Default,

    /// <summary>
    /// Waits of 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, from Standard Webhooks 1.0, "Deliverability and reliability".
    /// </summary>
    Standard,
}

public static class DeliverySchedules
{
    private static readonly RetrySchedule Standard = new(
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(10),
    ]);

    /// <summary>
    /// Returns the retry schedule with that number of retries. Retries beyond the built-in waits repeat the last wait.
    /// </summary>
    public static RetrySchedule ToRetrySchedule(this DeliverySchedule schedule, int? retries)
    {
        var delays = (schedule == DeliverySchedule.Standard ? Standard : RetrySchedule.Default).Delays;
        return new([.. Enumerable.Range(0, retries ?? delays.Count).Select(at => delays[Math.Min(at, delays.Count - 1)])]);
    }
}
