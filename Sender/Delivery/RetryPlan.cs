using Aspire.Webhooks.Queue;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>How long an endpoint that fails is tried.</summary>
public enum RetryPlan
{
    /// <summary>1 s, 10 s, 60 s.</summary>
    Default,

    /// <summary>Standard Webhooks 1.0, "Deliverability and reliability": 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h.</summary>
    Standard,
}

public static class RetryPlans
{
    private static readonly RetrySchedule Standard = new(
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(10),
    ]);

    /// <summary>The plan's waits, cut to so many; more than it has repeat the last.</summary>
    public static RetrySchedule Schedule(this RetryPlan plan, int? retries)
    {
        var delays = (plan == RetryPlan.Standard ? Standard : RetrySchedule.Default).Delays;
        return new([.. Enumerable.Range(0, retries ?? delays.Count).Select(at => delays[Math.Min(at, delays.Count - 1)])]);
    }
}
