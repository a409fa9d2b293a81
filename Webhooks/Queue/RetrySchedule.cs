namespace Aspire.Webhooks.Queue;

/// <summary>How long to wait after each failed attempt. When the delays are used up the job is buried.</summary>
/// <param name="Delays">The wait after failure 1, 2, …</param>
public sealed record RetrySchedule(IReadOnlyList<TimeSpan> Delays)
{
    /// <summary>1 s, 10 s, 60 s: four attempts in all.</summary>
    public static readonly RetrySchedule Default = new([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)]);

    /// <summary>How many failures bury the job.</summary>
    public int MaxFailures => Delays.Count + 1;

    /// <summary>
    /// How often a job may be started. Starts that a crash or a stop cuts short are no failures, but there may be no more of
    /// them than there may be failures: a job that takes its process down each time must end, too.
    /// </summary>
    public int MaxStarts => 2 * MaxFailures;

    /// <summary>What becomes of a job that was started too often and never ended; null while it may start.</summary>
    /// <param name="attempt">The start that has just been claimed.</param>
    public JobOutcome? AtStart(int attempt) => attempt > MaxStarts
        ? JobOutcome.Bury($"Given up after {attempt - 1} starts, the last of which never ended.")
        : null;

    /// <summary>The wait after a failure; null when it was the last.</summary>
    /// <param name="failure">1 for the first.</param>
    public TimeSpan? DelayAfter(int failure) => failure <= Delays.Count ? Delays[Math.Max(failure, 1) - 1] : null;

    /// <summary>What becomes of a job that failed once more: a later retry, or burial.</summary>
    /// <param name="atLeast">The shortest wait; null where the schedule alone counts.</param>
    public JobOutcome AfterFailure(LeasedJob job, string error, TimeSpan? atLeast = null) =>
        DelayAfter(job.Failures + 1) is { } delay
            ? JobOutcome.Retry(atLeast > delay ? atLeast.Value : delay, error)
            : JobOutcome.Bury(error);
}
