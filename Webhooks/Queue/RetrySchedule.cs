namespace Aspire.Webhooks.Queue;

/// <summary>How long to wait after each failure. When the waits are used up the job is buried.</summary>
/// <param name="Delays">The waits after failure 1, 2, …</param>
public sealed record RetrySchedule(IReadOnlyList<TimeSpan> Delays)
{
    /// <summary>1 s, 10 s, 60 s: the fourth failure buries the job.</summary>
    public static readonly RetrySchedule Default =
        new([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)]);

    /// <summary>How many failures bury the job.</summary>
    public int MaxFailures => Delays.Count + 1;

    /// <summary>
    /// How often a job may be started: twice as often as it may fail. A start that a crash cuts short is no failure, but a job
    /// that kills its process each time must be buried, too.
    /// </summary>
    public int MaxStarts => 2 * MaxFailures;

    /// <summary>Buries a job that was started too often and never ended.</summary>
    /// <param name="attempt">The number of the start that has just been claimed.</param>
    /// <returns>The outcome; null while the job may start.</returns>
    public JobOutcome? AtStart(int attempt) => attempt > MaxStarts
        ? JobOutcome.Bury($"Given up after {attempt - 1} starts, the last of which never ended.")
        : null;

    /// <summary>Returns the wait after a failure; null when this failure buries the job.</summary>
    /// <param name="failure">1 for the first failure.</param>
    public TimeSpan? DelayAfter(int failure) => failure <= Delays.Count ? Delays[Math.Max(failure, 1) - 1] : null;

    /// <summary>Returns the outcome of a job that has failed once more: it is retried later or buried.</summary>
    /// <param name="job">The job.</param>
    /// <param name="error">Why it failed, redacted.</param>
    /// <param name="atLeast">The shortest wait, whatever the schedule says; null when there is none.</param>
    public JobOutcome AfterFailure(LeasedJob job, string error, TimeSpan? atLeast = null) =>
        DelayAfter(job.Failures + 1) is { } delay
            ? JobOutcome.Retry(atLeast > delay ? atLeast.Value : delay, error)
            : JobOutcome.Bury(error);
}
