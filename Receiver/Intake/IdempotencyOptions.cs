using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Settings of the cache of delivery ids in front of Postgres, whose unique key always decides. Section
/// <c>Webhooks:Idempotency</c>.
/// </summary>
public sealed class IdempotencyOptions
{
    public const string Section = "Webhooks:Idempotency";

    /// <summary>
    /// The cache of delivery ids. <c>Redis</c> is shared by all Receivers, <c>Memory</c> belongs to one process, and with
    /// <c>None</c> every delivery goes to Postgres.
    /// </summary>
    public IdempotencyProvider Provider { get; set; } = IdempotencyProvider.Redis;

    /// <summary>How long the cache keeps a delivery id.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan Ttl { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The largest number of delivery ids that <c>Memory</c> holds.</summary>
    [Range(1, 10_000_000)]
    public int MemoryCapacity { get; set; } = 100_000;
}

/// <summary>The caches of delivery ids.</summary>
public enum IdempotencyProvider
{
    Redis,
    Memory,
    None,
}
