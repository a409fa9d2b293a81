using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Settings of the intake of events. Section <c>Webhooks:Intake</c>.</summary>
public sealed class IntakeOptions
{
    public const string Section = "Webhooks:Intake";

    /// <summary>How many requests can wait to be stored; further ones are answered 503.</summary>
    [Range(1, 100_000)]
    public int Capacity { get; set; } = 10_000;

    /// <summary>How many bytes of bodies can wait to be stored; further requests are answered 503.</summary>
    [Range(1L << 20, 1L << 34)]
    public long CapacityBytes { get; set; } = 256L << 20;

    /// <summary>
    /// How many bytes of bodies can be in transfer, beyond the first 64 KiB of each; further requests are answered 503.
    /// </summary>
    [Range(1L << 20, 1L << 34)]
    public long ArrivingBytes { get; set; } = 256L << 20;

    /// <summary>
    /// The largest number of connections; Kestrel closes further ones without an answer. Before its sender is verified, a
    /// connection takes up to 128 KiB: 64 KiB of unread data and the first 64 KiB of a body.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>
    /// How long a body may take to arrive; a slower one is answered 408. In addition Kestrel aborts transfers of less than 240
    /// bytes per second.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a request may wait to be stored; after that it is answered 503 and not stored. A request is answered 503 at
    /// once when the last commits and the delay of the process show that it would wait longer.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The number of waiting requests above which the newest are stored first.</summary>
    [Range(1, 100_000)]
    public int NewestFirstAbove { get; set; } = 2000;

    /// <summary>The largest number of concurrent commits.</summary>
    [Range(1, 8)]
    public int Writers { get; set; } = 2;

    /// <summary>The largest number of events in one commit.</summary>
    [Range(1, 5000)]
    public int BatchSize { get; set; } = 256;

    /// <summary>How long a commit may take before its requests are answered 503, in whole seconds, rounded up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How late the oldest due event may be before the intake accepts fewer events.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxBacklogAge { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The Retry-After of a 503.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);
}
