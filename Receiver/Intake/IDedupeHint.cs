using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// A cache of committed delivery ids. It only saves work: Postgres, whose unique key decides, gets every event that the hint
/// does not know. It never throws, and it reports only ids that were committed on the <see cref="Timeline"/> that the database
/// had at most a second ago. Blocks: it is called on a writer's own thread.
/// </summary>
public interface IDedupeHint
{
    /// <summary>
    /// Returns for each item whether its delivery id is known to be committed. False when the hint cannot say.
    /// </summary>
    bool[] Known(IReadOnlyList<IntakeItem> items);

    /// <summary>Adds delivery ids, which must be committed.</summary>
    void Remember(IReadOnlyList<IntakeItem> items);
}

/// <summary>Reports no delivery id as known, so that every event goes to Postgres.</summary>
public sealed class NoHint : IDedupeHint
{
    public bool[] Known(IReadOnlyList<IntakeItem> items) => new bool[items.Count];

    public void Remember(IReadOnlyList<IntakeItem> items)
    {
    }
}

/// <summary>Caches delivery ids in this process.</summary>
public sealed class MemoryHint(LedgerTimeline timeline, IOptions<IdempotencyOptions> options) : IDedupeHint, IDisposable
{
    private static readonly object Seen = new();

    private readonly MemoryCache _seen = new(new MemoryCacheOptions { SizeLimit = options.Value.MemoryCapacity });

    public bool[] Known(IReadOnlyList<IntakeItem> items) => timeline.Read() is { } current
        ? [.. items.Select(item => _seen.TryGetValue(Key(current, item), out _))]
        : new bool[items.Count];

    public void Remember(IReadOnlyList<IntakeItem> items)
    {
        if (timeline.Read() is not { } current)
        {
            return;
        }

        foreach (var item in items.Where(current.Covers))
        {
            using var entry = _seen.CreateEntry(Key(current, item));
            entry.Value = Seen;
            entry.Size = 1;
            entry.AbsoluteExpirationRelativeToNow = options.Value.Ttl;
        }
    }

    public void Dispose() => _seen.Dispose();

    private static (string Timeline, string Source, string DeliveryId) Key(Timeline current, IntakeItem item) =>
        (current.Name, item.Event.Source, item.Event.DeliveryId);
}
