using Aspire.Webhooks.Queue;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>Decides from the result of an attempt when a delivery is retried.</summary>
public static class DeliveryRetry
{
    /// <summary>
    /// A wait is up to a fifth shorter or longer than planned, so that deliveries that failed together are not retried
    /// together.
    /// </summary>
    public const double Jitter = 0.2;

    private const int Gone = 410;
    private const int TooManyRequests = 429;
    private const int ServiceUnavailable = 503;

    /// <summary>Returns the outcome of the delivery's job.</summary>
    /// <param name="failures">The number of attempts that failed before.</param>
    /// <param name="schedule">The waits between attempts.</param>
    /// <param name="longestRetryAfter">The longest Retry-After that is respected.</param>
    /// <param name="random">A random number from 0 to 1 that places the wait within the jitter.</param>
    public static JobOutcome After(
        AttemptResult result, int failures, RetrySchedule schedule, TimeSpan longestRetryAfter, double random)
    {
        if (result.Outcome == AttemptOutcome.Delivered)
        {
            return JobOutcome.Done();
        }

        if (result.Outcome == AttemptOutcome.Interrupted)
        {
            // It counts as an attempt but not as a failure of the endpoint: the POST may have arrived.
            return JobOutcome.Interrupted(result.Error!);
        }

        if (result.StatusCode == Gone || schedule.DelayAfter(failures + 1) is not { } delay)
        {
            return JobOutcome.Bury(result.Error!);
        }

        var wait = delay * (1 - Jitter + (2 * Jitter * random));
        return JobOutcome.Retry(Longer(wait, RequestedWait(result, longestRetryAfter)), result.Error!);
    }

    /// <summary>Whether the endpoint answered 410 Gone.</summary>
    public static bool IsGone(AttemptResult result) => result is { Outcome: AttemptOutcome.HttpStatus, StatusCode: Gone };

    // Retry-After has this meaning with 429 and 503 only (RFC 9110, section 10.2.3; RFC 6585, section 4).
    private static TimeSpan RequestedWait(AttemptResult result, TimeSpan longest) =>
        result is { StatusCode: TooManyRequests or ServiceUnavailable, RetryAfter: { } asked } && asked > TimeSpan.Zero
            ? asked < longest ? asked : longest
            : TimeSpan.Zero;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
