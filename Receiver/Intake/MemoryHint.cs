using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// This process's own memory of delivery ids. It cannot tell when the database is replaced under it: restart the Receiver
/// after a restore.
/// </summary>
public sealed class MemoryHint(IOptions<IdempotencyOptions> options) : IDedupeHint, IDisposable
{
    private static readonly object Seen = new();

    private readonly MemoryCache _seen = new(new MemoryCacheOptions { SizeLimit = options.Value.MemoryCapacity });

    public bool[] Known(IReadOnlyList<IntakeItem> items) => [.. items.Select(item => _seen.TryGetValue(Key(item), out _))];

    public void Remember(IReadOnlyList<IntakeItem> items)
    {
        foreach (var item in items)
        {
            using var entry = _seen.CreateEntry(Key(item));
            entry.Value = Seen;
            entry.Size = 1;
            entry.AbsoluteExpirationRelativeToNow = options.Value.Ttl;
        }
    }

    public void Dispose() => _seen.Dispose();

    private static (string Source, string DeliveryId) Key(IntakeItem item) => (item.Event.Source, item.Event.DeliveryId);
}
