using Aspire.Webhooks.Queue;

namespace Aspire.Webhooks.Messages;

/// <summary>What callers see of how a delivery stands: the state of its latest job.</summary>
public static class DeliveryStates
{
    /// <summary>A 2xx answered.</summary>
    public const string Delivered = "delivered";

    /// <summary>Every attempt was used up.</summary>
    public const string Failed = "failed";

    /// <summary>The endpoint was inactive; recovering sends it after all.</summary>
    public const string Skipped = "skipped";

    public static IReadOnlyList<string> All { get; } = [JobStates.Pending, JobStates.Running, Delivered, Failed, Skipped, JobStates.Cancelled];

    /// <param name="state">Of the latest job; null without one.</param>
    public static string OfJob(string? state) => state switch
    {
        null or JobStates.Ignored => Skipped,
        JobStates.Done => Delivered,
        JobStates.Buried => Failed,
        _ => state,
    };

    /// <summary>The latest job's state that a delivery's state stands for.</summary>
    public static string ToJob(string state) => state switch
    {
        Skipped => JobStates.Ignored,
        Delivered => JobStates.Done,
        Failed => JobStates.Buried,
        _ => state,
    };
}
