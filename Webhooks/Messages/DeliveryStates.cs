using Aspire.Webhooks.Queue;

namespace Aspire.Webhooks.Messages;

/// <summary>The states of a delivery in the API: that of its latest job, in words that fit a delivery.</summary>
public static class DeliveryStates
{
    /// <summary>The endpoint answered 2xx.</summary>
    public const string Delivered = "delivered";

    /// <summary>All attempts were used up.</summary>
    public const string Failed = "failed";

    /// <summary>The endpoint was inactive. Recovering sends it later.</summary>
    public const string Skipped = "skipped";

    public static IReadOnlyList<string> All { get; } =
        [JobStates.Pending, JobStates.Running, Delivered, Failed, Skipped, JobStates.Cancelled];

    /// <summary>Returns the state of a delivery.</summary>
    /// <param name="state">The state of its latest job; null when it has none: retention deletes jobs that are done.</param>
    public static string OfJob(string? state) => state switch
    {
        JobStates.Ignored => Skipped,
        null or JobStates.Done => Delivered,
        JobStates.Buried => Failed,
        _ => state,
    };

    /// <summary>Returns the state of the latest job that a delivery's state stands for.</summary>
    public static string ToJob(string state) => state switch
    {
        Skipped => JobStates.Ignored,
        Delivered => JobStates.Done,
        Failed => JobStates.Buried,
        _ => state,
    };
}
