using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>How verified events reach Postgres. Section <c>Webhooks:Intake</c>.</summary>
public sealed class IntakeOptions
{
    public const string Section = "Webhooks:Intake";

    /// <summary>How many requests may wait to be stored; more are answered 503.</summary>
    [Range(1, 100_000)]
    public int Capacity { get; set; } = 10_000;

    /// <summary>How many bytes of bodies may wait to be stored; more are answered 503.</summary>
    [Range(1L << 20, 1L << 34)]
    public long CapacityBytes { get; set; } = 256L << 20;

    /// <summary>
    /// How many bytes of bodies may be on their way in, beyond the first 64 KiB of each; more are answered 503.
    /// </summary>
    [Range(1L << 20, 1L << 34)]
    public long ArrivingBytes { get; set; } = 256L << 20;

    /// <summary>
    /// How many connections there are at once at most; Kestrel closes each one beyond them without an answer. Before its sender
    /// is verified, a connection takes up to 128 KiB: 64 KiB that are not read yet, and the first 64 KiB of a body.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>
    /// How long a body may take to arrive; a slower one is answered 408. Below it, Kestrel cuts off whoever sends fewer than
    /// 240 bytes a second.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a request may wait to be stored before it is answered 503 and not stored; who would have to, by what the last
    /// commits achieved and by how late the process is, is answered 503 at once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Above how many waiting requests the newest are stored first.</summary>
    [Range(1, 100_000)]
    public int NewestFirstAbove { get; set; } = 2000;

    /// <summary>How many commits there are at once at most.</summary>
    [Range(1, 8)]
    public int Writers { get; set; } = 2;

    /// <summary>How many events are committed together at most.</summary>
    [Range(1, 5000)]
    public int BatchSize { get; set; } = 256;

    /// <summary>How long one commit may take before its requests are answered 503, in whole seconds, rounded up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How late the oldest due event may be before the intake yields to the work and lets fewer events in.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxBacklogAge { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>What a 503 asks the sender to wait.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);
}
