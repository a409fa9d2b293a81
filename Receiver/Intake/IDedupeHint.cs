using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// A memory of delivery ids that Postgres has committed. It only saves work: without it every event goes to Postgres, whose
/// unique key decides. Never throws, and claims nothing but what was committed on the <see cref="Timeline"/> that the database
/// was on a second ago at most. Blocks: it is called from a writer's own thread.
/// </summary>
public interface IDedupeHint
{
    /// <summary>For each item, whether its delivery id is known to be committed. False when that cannot be told.</summary>
    bool[] Known(IReadOnlyList<IntakeItem> items);

    /// <summary>Remembers delivery ids. Call with committed ones only.</summary>
    void Remember(IReadOnlyList<IntakeItem> items);
}

/// <summary>Knows nothing: every delivery goes to Postgres.</summary>
public sealed class NoHint : IDedupeHint
{
    public bool[] Known(IReadOnlyList<IntakeItem> items) => new bool[items.Count];

    public void Remember(IReadOnlyList<IntakeItem> items)
    {
    }
}

/// <summary>This process's own memory of delivery ids.</summary>
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
