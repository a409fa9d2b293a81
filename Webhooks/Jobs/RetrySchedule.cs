namespace Aspire.Webhooks.Jobs;

/// <summary>How long to wait after each failed attempt. When the delays are used up the job is buried.</summary>
/// <param name="Delays">The wait after attempt 1, 2, …</param>
public sealed record RetrySchedule(IReadOnlyList<TimeSpan> Delays)
{
    /// <summary>1 s, 10 s, 60 s: four attempts in all.</summary>
    public static readonly RetrySchedule Default = new([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)]);

    /// <summary>The attempt whose failure buries the job.</summary>
    public int MaxAttempts => Delays.Count + 1;

    /// <summary>
    /// How often a job may be started. Runs that a crash or a stop cuts short come on top of those that fail, as many
    /// again: a restart in the last attempt must not bury a job that was about to succeed.
    /// </summary>
    public int MaxStarts => 2 * MaxAttempts;

    /// <summary>What becomes of a job that was started too often and never ended; null while it may start.</summary>
    /// <param name="attempt">The start that has just been claimed.</param>
    public JobOutcome? AtStart(int attempt) => attempt > MaxStarts
        ? JobOutcome.Bury($"Given up after {attempt - 1} starts, the last of which never ended.")
        : null;

    /// <summary>The wait after the given attempt failed; null when it was the last.</summary>
    /// <param name="attempt">1 for the first.</param>
    public TimeSpan? DelayAfter(int attempt) => attempt <= Delays.Count ? Delays[Math.Max(attempt, 1) - 1] : null;

    /// <summary>What becomes of a job whose attempt failed: a later retry, or burial.</summary>
    public JobOutcome AfterFailure(int attempt, string error) =>
        DelayAfter(attempt) is { } delay ? JobOutcome.Retry(delay, error) : JobOutcome.Bury(error);
}
