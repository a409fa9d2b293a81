using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>How verified events reach Postgres. Section <c>Webhooks:Intake</c>.</summary>
public sealed class IntakeOptions
{
    public const string Section = "Webhooks:Intake";

    /// <summary>How many requests may wait to be stored; more are answered 503. Default 2000, from 1 to 100 000.</summary>
    [Range(1, 100_000)]
    public int Capacity { get; set; } = 2000;

    /// <summary>How many bytes of bodies may wait to be stored; more are answered 503. Default 256 MiB, from 1 MiB to 16 GiB.</summary>
    [Range(1L << 20, 1L << 34)]
    public long CapacityBytes { get; set; } = 256L << 20;

    /// <summary>
    /// How many bytes of bodies may be on their way in, beyond the first 64 KiB of each; more are answered 503. Default 256 MiB,
    /// from 1 MiB to 16 GiB.
    /// </summary>
    [Range(1L << 20, 1L << 34)]
    public long ArrivingBytes { get; set; } = 256L << 20;

    /// <summary>
    /// How long a body may take to arrive; a slower one is answered 408. Below it, Kestrel cuts off whoever sends fewer than
    /// 240 bytes a second. Default 30 s, from 1 s to 10 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many events are committed together at most. Default 256, from 1 to 5000.</summary>
    [Range(1, 5000)]
    public int BatchSize { get; set; } = 256;

    /// <summary>How long one commit may take before its requests are answered 503. Default 5 s, from 100 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What a 503 asks the sender to wait. Default 5 s, from 1 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);
}
