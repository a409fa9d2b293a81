using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>The merchants' token buckets for pings.</summary>
public sealed class PingRates(IOptions<PingOptions> options) : IDisposable
{
    // The limiter removes a merchant's bucket when it has been full for a while.
    private readonly PartitionedRateLimiter<string> _buckets = PartitionedRateLimiter.Create<string, string>(
        merchant => RateLimitPartition.GetTokenBucketLimiter(merchant, _ => OptionsOf(options.Value)), StringComparer.Ordinal);

    /// <summary>Takes a token for a ping.</summary>
    /// <returns>Null when there was a token; otherwise the time until the next one in whole seconds.</returns>
    public int? Take(string merchant)
    {
        using var lease = _buckets.AttemptAcquire(merchant);
        if (lease.IsAcquired)
        {
            return null;
        }

        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : TimeSpan.Zero;
        return Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
    }

    public void Dispose() => _buckets.Dispose();

    private static TokenBucketRateLimiterOptions OptionsOf(PingOptions options) => new()
    {
        TokenLimit = options.PerMinute,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromMinutes(1) / options.PerMinute,
        QueueLimit = 0,
    };
}
