using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>How verified events reach Postgres. Section <c>Webhooks:Intake</c>.</summary>
public sealed class IntakeOptions
{
    public const string Section = "Webhooks:Intake";

    /// <summary>How many requests may wait to be stored; more are answered 503. Default 2000, from 1 to 100 000.</summary>
    [Range(1, 100_000)]
    public int Capacity { get; set; } = 2000;

    /// <summary>How many events are committed together at most. Default 256, from 1 to 5000.</summary>
    [Range(1, 5000)]
    public int BatchSize { get; set; } = 256;

    /// <summary>How long one commit may take before its requests are answered 503. Default 5 s, from 100 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What a 503 asks the sender to wait. Default 5 s, from 1 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long Redis remembers a delivery id; Postgres remembers always. Default 1 day, from 1 min to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan DedupeTtl { get; set; } = TimeSpan.FromDays(1);
}
