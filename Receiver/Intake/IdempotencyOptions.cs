using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// What remembers delivery ids in front of Postgres, whose unique key decides and remembers always. Section
/// <c>Webhooks:Idempotency</c>.
/// </summary>
public sealed class IdempotencyOptions
{
    public const string Section = "Webhooks:Idempotency";

    /// <summary>
    /// <c>Redis</c>: shared by all Receivers. <c>Memory</c>: this process's own. <c>None</c>: every delivery goes to
    /// Postgres. Default <c>Redis</c>.
    /// </summary>
    [EnumDataType(typeof(IdempotencyProvider))]
    public IdempotencyProvider Provider { get; set; } = IdempotencyProvider.Redis;

    /// <summary>How long it remembers a delivery id. Default 1 day, from 1 s to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan Ttl { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How many delivery ids <c>Memory</c> holds at most. Default 100 000, from 1 to 10 000 000.</summary>
    [Range(1, 10_000_000)]
    public int MemoryCapacity { get; set; } = 100_000;
}

/// <summary>Where delivery ids are remembered in front of Postgres.</summary>
public enum IdempotencyProvider
{
    Redis,
    Memory,
    None,
}
