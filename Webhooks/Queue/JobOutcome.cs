using Npgsql;

namespace Aspire.Webhooks.Queue;

/// <summary>How a run of a job ended.</summary>
public sealed record JobOutcome
{
    private JobOutcome(string state, string? name = null) => (State, Name) = (state, name ?? state);

    /// <summary>The state that the job goes to.</summary>
    public string State { get; }

    /// <summary>The value of <c>webhook.job.outcome</c> in metrics.</summary>
    public string Name { get; }

    /// <summary>True when the job did what it was for, false when it failed; null when it neither did nor failed.</summary>
    public bool? Succeeded => State switch
    {
        JobStates.Done => true,
        JobStates.Buried => false,
        JobStates.Pending when Failed => false,
        _ => null,
    };

    /// <summary>Whether the job is given up.</summary>
    public bool IsBuried => State == JobStates.Buried;

    /// <summary>When a pending or waiting job is due again.</summary>
    public TimeSpan Delay { get; private init; }

    /// <summary>Why it is retried, put off or buried; stored, so redacted by whoever made it.</summary>
    public string? Error { get; private init; }

    /// <summary>False when the run must not count as an attempt: it was cut short by us before it did anything.</summary>
    public bool CountsAsAttempt { get; private init; } = true;

    /// <summary>Whether the attempt counts as a failure, which the retry schedule goes by.</summary>
    public bool Failed { get; private init; }

    /// <summary>
    /// What is written in the transaction that settles the job: the next stage's rows and jobs. It runs only while the
    /// lease is still held, and is undone with the settlement.
    /// </summary>
    public Func<NpgsqlTransaction, CancellationToken, Task>? Handover { get; init; }

    /// <summary>
    /// The same where no answer is needed: goes to the database together with what other jobs write, before any
    /// <see cref="Handover"/>.
    /// </summary>
    public IReadOnlyList<JobWrite> Writes { get; init; } = [];

    /// <summary>Called once the outcome is committed, and not when it is not: for metrics and log lines of what it did.</summary>
    public Action? Committed { get; init; }

    /// <summary>What was put in the queue by <see cref="Handover"/> or <see cref="Writes"/>.</summary>
    public JobWake? Wakes { get; init; }

    /// <summary>Finished.</summary>
    public static JobOutcome Done() => new(JobStates.Done);

    /// <summary>Finished, because nobody wanted it.</summary>
    public static JobOutcome Ignored() => new(JobStates.Ignored);

    /// <summary>Failed; runs again after a delay.</summary>
    public static JobOutcome Retry(TimeSpan delay, string error) =>
        new(JobStates.Pending, "retried") { Delay = delay, Error = error, Failed = true };

    /// <summary>Cut short after it may have done something; runs again at once. It counts as an attempt and not as a failure.</summary>
    public static JobOutcome Interrupted(string error) => new(JobStates.Pending, "interrupted") { Error = error };

    /// <summary>Runs later, because it is not its turn or something of ours is missing; the attempt does not count.</summary>
    /// <param name="error">What is missing; null where nothing is.</param>
    public static JobOutcome Postpone(TimeSpan delay, string? error = null) =>
        new(JobStates.Pending, "postponed") { Delay = delay, Error = error, CountsAsAttempt = false };

    /// <summary>
    /// Waits for a person, whose decision makes the job due; without one it is due after <paramref name="deadline"/>. The attempt does
    /// not count.
    /// </summary>
    public static JobOutcome Wait(TimeSpan deadline) => new(JobStates.Waiting) { Delay = deadline, CountsAsAttempt = false };

    /// <summary>Given up; kept for an operator.</summary>
    public static JobOutcome Bury(string error) => new(JobStates.Buried) { Error = error, Failed = true };

    /// <summary>Handed back unfinished because this process stops: due at once, and the attempt does not count.</summary>
    public static JobOutcome HandBack() => new(JobStates.Pending, "handed_back") { CountsAsAttempt = false };
}

/// <summary>Jobs that were put in the queue.</summary>
/// <param name="kind">Of which kind.</param>
public sealed class JobWake(JobKind kind)
{
    public JobKind Kind => kind;

    /// <summary>The lanes that they are in, which saves whoever claims them the search; null when they are not known.</summary>
    public IReadOnlyCollection<string>? Lanes { get; set; }
}
