using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>How long rejected requests are remembered. Section <c>Webhooks:Rejections</c>.</summary>
public sealed class RejectionOptions
{
    public const string Section = "Webhooks:Rejections";

    /// <summary>After what time they are forgotten.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "366.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How many are kept, the newest.</summary>
    [Range(100, 10_000_000)]
    public int MaxRows { get; set; } = 100_000;
}
