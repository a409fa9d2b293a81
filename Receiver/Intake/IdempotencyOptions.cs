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
    /// Postgres.
    /// </summary>
    public IdempotencyProvider Provider { get; set; } = IdempotencyProvider.Redis;

    /// <summary>How long it remembers a delivery id.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan Ttl { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How many delivery ids <c>Memory</c> holds at most.</summary>
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
