using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Aspire.Webhooks.Receiver.Sources;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// The sources' token buckets. Only verified requests take tokens: a stranger's flood costs its hashes and never uses up
/// what the sender has.
/// </summary>
public sealed class SourceRates
{
    private readonly ConcurrentDictionary<string, (RateLimitOptions Options, TokenBucketRateLimiter Limiter)> _buckets =
        new(StringComparer.OrdinalIgnoreCase);

    private readonly Lock _change = new();

    /// <summary>Takes a token for one request.</summary>
    /// <param name="retryAfter">When there is none: how long until there is one, in whole seconds.</param>
    public bool TryTake(Source source, out int retryAfter)
    {
        retryAfter = 0;
        if (source.RateLimit is not { } limit)
        {
            return true;
        }

        var bucket = BucketOf(source.Name, limit);
        bucket.TryReplenish();
        using var lease = bucket.AttemptAcquire();
        if (lease.IsAcquired)
        {
            return true;
        }

        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : TimeSpan.Zero;
        retryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        return false;
    }

    // A changed configuration brings a new bucket; the old one is left to the requests that hold it. It has no timer to stop.
    private TokenBucketRateLimiter BucketOf(string source, RateLimitOptions limit)
    {
        if (_buckets.TryGetValue(source, out var bucket) && bucket.Options == limit)
        {
            return bucket.Limiter;
        }

        lock (_change)
        {
            if (_buckets.TryGetValue(source, out bucket) && bucket.Options == limit)
            {
                return bucket.Limiter;
            }

            var limiter = new TokenBucketRateLimiter(OptionsOf(limit));
            _buckets[source] = (limit, limiter);
            return limiter;
        }
    }

    // Tokens come back ten times a second, or one by one where they are fewer.
    private static TokenBucketRateLimiterOptions OptionsOf(RateLimitOptions limit)
    {
        var perPeriod = Math.Max(1, limit.PerSecond / 10);
        return new()
        {
            TokenLimit = limit.Burst ?? limit.PerSecond,
            TokensPerPeriod = perPeriod,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)perPeriod / limit.PerSecond),
            QueueLimit = 0,
            AutoReplenishment = false,
        };
    }
}
