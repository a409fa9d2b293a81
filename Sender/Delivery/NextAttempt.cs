using Aspire.Webhooks.Queue;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>Decides when a delivery is tried again, from how an attempt ended alone.</summary>
public static class NextAttempt
{
    /// <summary>
    /// A wait is up to a fifth shorter or longer than planned, so that what failed together does not come back together.
    /// </summary>
    public const double Jitter = 0.2;

    private const int Gone = 410;
    private const int TooManyRequests = 429;
    private const int ServiceUnavailable = 503;

    /// <summary>What becomes of the delivery.</summary>
    /// <param name="failures">How many attempts have failed before.</param>
    /// <param name="schedule">The waits between attempts.</param>
    /// <param name="longestRetryAfter">As much of a Retry-After as is heeded.</param>
    /// <param name="random">From 0 to 1: where in the jitter the wait lies.</param>
    public static JobOutcome After(
        AttemptResult result, int failures, RetrySchedule schedule, TimeSpan longestRetryAfter, double random)
    {
        if (result.Outcome == AttemptOutcome.Delivered)
        {
            return JobOutcome.Done();
        }

        if (result.Outcome == AttemptOutcome.Interrupted)
        {
            // An attempt, though the endpoint has not failed: the POST may have been made.
            return JobOutcome.Interrupted(result.Error!);
        }

        if (result.StatusCode == Gone || schedule.DelayAfter(failures + 1) is not { } delay)
        {
            return JobOutcome.Bury(result.Error!);
        }

        var wait = delay * (1 - Jitter + (2 * Jitter * random));
        return JobOutcome.Retry(Longer(wait, Heeded(result, longestRetryAfter)), result.Error!);
    }

    /// <summary>True when the endpoint says that it is gone for good.</summary>
    public static bool SaysGone(AttemptResult result) => result is { Outcome: AttemptOutcome.HttpStatus, StatusCode: Gone };

    // RFC 9110, section 10.2.3; RFC 6585, section 4. With other statuses it means something else.
    private static TimeSpan Heeded(AttemptResult result, TimeSpan longest) =>
        result is { StatusCode: TooManyRequests or ServiceUnavailable, RetryAfter: { } asked } && asked > TimeSpan.Zero
            ? asked < longest ? asked : longest
            : TimeSpan.Zero;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
