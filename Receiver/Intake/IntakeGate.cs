using System.Threading.RateLimiting;
using Aspire.Webhooks.Queue;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Decides before a request is read whether it is accepted: it must be possible to answer it in time, and event jobs must not
/// be too late. Logs the start and the end of an overload, not each refusal.
/// </summary>
public sealed partial class IntakeGate(
    IntakeQueue queue,
    PoolDelay pool,
    JobQueue jobs,
    JobWakeup wakeup,
    IOptions<IntakeOptions> options,
    TimeProvider time,
    ILogger<IntakeGate> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private volatile TokenBucketRateLimiter? _limiter;
    private long _refused;

    /// <summary>Whether a new request is accepted. Otherwise it is counted, and the caller answers 503.</summary>
    public bool TryEnter()
    {
        // A request has waited for a pool thread before this call, and its answer will wait for one again.
        if (queue.Admits(elsewhere: 2 * pool.Current) && TryTakeShare())
        {
            return true;
        }

        Refused();
        return false;
    }

    /// <summary>Counts a request that was accepted but could not be answered in time.</summary>
    public void Refused() => Interlocked.Increment(ref _refused);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        var share = new BacklogShare(PerSecond: null, TimeSpan.Zero, queue.Committed);
        long logged = 0, seen = 0;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            (logged, seen) = LogOverload(logged, seen);
            var next = share.Next(await AgeAsync(stoppingToken), queue.Committed, options.Value.MaxBacklogAge);
            if (next.PerSecond != share.PerSecond)
            {
                Limit(next);
            }

            share = next;
        }
    }

    private bool TryTakeShare()
    {
        if (_limiter is not { } limiter)
        {
            return true;
        }

        limiter.TryReplenish();
        using var lease = limiter.AttemptAcquire();
        return lease.IsAcquired;
    }

    // An unknown age counts as zero: an unreachable database says nothing about the jobs.
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

    // Requests that hold the old limiter still take its tokens. It has no timer to stop.
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
            LogLimited(logger, share.Age.TotalSeconds, perSecond);
            return;
        }

        _limiter = null;
        LogNotLimited(logger, share.Age.TotalSeconds);
    }

    // Logs the start and the end of an overload. While requests are refused, the pumps yield to the intake. The numbers count
    // refused requests: those logged so far, and those seen.
    private (long Logged, long Seen) LogOverload(long logged, long seen)
    {
        var refused = Interlocked.Read(ref _refused);
        if (refused > seen)
        {
            wakeup.AskToYield();
        }

        if (refused > seen && logged == seen)
        {
            LogOverloaded(logger);
            return (logged, refused);
        }

        if (refused == seen && logged < seen)
        {
            LogNotOverloaded(logger, seen - logged);
            return (seen, seen);
        }

        return (logged, refused);
    }

    [LoggerMessage(EventId = 2121, Level = LogLevel.Warning,
        Message = "Requests cannot be answered in time; they are answered 503 from now on.")]
    private static partial void LogOverloaded(ILogger logger);

    [LoggerMessage(EventId = 2122, Level = LogLevel.Warning,
        Message = "Requests are answered in time again; {Count} were answered 503.")]
    private static partial void LogNotOverloaded(ILogger logger, long count);

    [LoggerMessage(EventId = 2123, Level = LogLevel.Warning,
        Message = "The oldest due event is {Age:0} s late; the intake is limited to {PerSecond} events per second.")]
    private static partial void LogLimited(ILogger logger, double age, int perSecond);

    [LoggerMessage(EventId = 2124, Level = LogLevel.Warning,
        Message = "The oldest due event is {Age:0} s late; the intake is no longer limited.")]
    private static partial void LogNotLimited(ILogger logger, double age);
}
