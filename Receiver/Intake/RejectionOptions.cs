using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Settings of the retention of rejected requests. Section <c>Webhooks:Rejections</c>.</summary>
public sealed class RejectionOptions
{
    public const string Section = "Webhooks:Rejections";

    /// <summary>How long rejected requests are kept.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "366.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The largest number of rejected requests that are kept; the oldest are deleted.</summary>
    [Range(100, 10_000_000)]
    public int MaxRows { get; set; } = 100_000;
}
