using System.Threading.RateLimiting;
using Aspire.Webhooks.Queue;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Decides before anything is read of a request whether it is let in: it can be answered in time, and the work behind the intake
/// is not left behind. Tells the start and the end of an overload, not each refusal.
/// </summary>
public sealed partial class IntakeGate(
    IntakeQueue queue,
    PoolDelay pool,
    JobQueue jobs,
    IOptions<IntakeOptions> options,
    TimeProvider time,
    ILogger<IntakeGate> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private volatile TokenBucketRateLimiter? _limiter;
    private long _refused;

    /// <summary>Whether a request that comes now is let in; otherwise it is to be answered 503, and is counted.</summary>
    public bool TryEnter()
    {
        // A request has waited for the pool before it is seen here, and its answer does so again.
        if (queue.Admits(elsewhere: 2 * pool.Current) && HasPart())
        {
            return true;
        }

        Refused();
        return false;
    }

    /// <summary>Counts a request that was let in and could not be answered in time after all.</summary>
    public void Refused() => Interlocked.Increment(ref _refused);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        var share = new BacklogShare(PerSecond: null, TimeSpan.Zero, queue.Committed);
        long told = 0, seen = 0;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            (told, seen) = Tell(told, seen);
            var next = share.Next(await AgeAsync(stoppingToken), queue.Committed, options.Value.MaxBacklogAge);
            if (next.PerSecond != share.PerSecond)
            {
                Limit(next);
            }

            share = next;
        }
    }

    private bool HasPart()
    {
        if (_limiter is not { } limiter)
        {
            return true;
        }

        limiter.TryReplenish();
        using var lease = limiter.AttemptAcquire();
        return lease.IsAcquired;
    }

    // Unknown counts as none: a database that is away says nothing about the work.
    private async Task<TimeSpan> AgeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await jobs.DueAgeAsync(JobKind.Event, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return TimeSpan.Zero;
        }
    }

    // Those who hold the old one take their tokens from it still; it has no timer to stop.
    private void Limit(BacklogShare share)
    {
        if (share.PerSecond is { } perSecond)
        {
            _limiter = new(new()
            {
                TokenLimit = perSecond,
                TokensPerPeriod = Math.Max(1, perSecond / 10),
                ReplenishmentPeriod = Period,
                QueueLimit = 0,
                AutoReplenishment = false,
            });
            LogYields(logger, share.Age.TotalSeconds, perSecond);
            return;
        }

        _limiter = null;
        LogYieldsNoMore(logger, share.Age.TotalSeconds);
    }

    private (long Told, long Seen) Tell(long told, long seen)
    {
        var refused = Interlocked.Read(ref _refused);
        if (refused > seen && told == seen)
        {
            LogOverloaded(logger);
            return (told, refused);
        }

        if (refused == seen && told < seen)
        {
            LogNotOverloaded(logger, seen - told);
            return (seen, seen);
        }

        return (told, refused);
    }

    [LoggerMessage(EventId = 2121, Level = LogLevel.Warning,
        Message = "Requests cannot be answered in time; from now on such are answered 503.")]
    private static partial void LogOverloaded(ILogger logger);

    [LoggerMessage(EventId = 2122, Level = LogLevel.Warning,
        Message = "Requests are answered in time again; {Count} were answered 503.")]
    private static partial void LogNotOverloaded(ILogger logger, long count);

    [LoggerMessage(EventId = 2123, Level = LogLevel.Warning,
        Message = "The oldest event has waited for its job for {Age:0} s; {PerSecond} a second are let in.")]
    private static partial void LogYields(ILogger logger, double age, int perSecond);

    [LoggerMessage(EventId = 2124, Level = LogLevel.Warning,
        Message = "The oldest event has waited for its job for {Age:0} s; all are let in again.")]
    private static partial void LogYieldsNoMore(ILogger logger, double age);
}
