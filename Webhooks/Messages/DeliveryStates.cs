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

    public static IReadOnlyList<string> All { get; } = ["pending", "running", Delivered, Failed, Skipped, "cancelled"];

    /// <param name="state">Of the latest job; null without one.</param>
    public static string OfJob(string? state) => state switch
    {
        null or "ignored" => Skipped,
        "done" => Delivered,
        "buried" => Failed,
        _ => state,
    };

    /// <summary>The latest job's state that a delivery's state stands for.</summary>
    public static string ToJob(string state) => state switch
    {
        Skipped => "ignored",
        Delivered => "done",
        Failed => "buried",
        _ => state,
    };
}
