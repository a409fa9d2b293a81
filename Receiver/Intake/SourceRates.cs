using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Aspire.Webhooks.Receiver.Sources;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// The token buckets of the sources. Only verified requests take tokens, so that a flood of unverified ones costs their hashes
/// but never uses up the limit of the real sender.
/// </summary>
public sealed class SourceRates
{
    private readonly ConcurrentDictionary<string, (RateLimitOptions Options, TokenBucketRateLimiter Limiter)> _buckets =
        new(StringComparer.OrdinalIgnoreCase);

    private readonly Lock _change = new();

    /// <summary>Takes a token for a request.</summary>
    /// <param name="retryAfter">If there is no token, the time until the next one in whole seconds.</param>
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

    // A changed configuration creates a new bucket. Requests that hold the old one still use it. It has no timer to stop.
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

    // Tokens are added ten times a second, or one by one at lower rates.
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
