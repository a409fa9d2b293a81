using Npgsql;

namespace Aspire.Webhooks.Queue;

/// <summary>How a run of a job ended.</summary>
public sealed record JobOutcome
{
    private JobOutcome(string state, string? name = null) => (State, Name) = (state, name ?? state);

    /// <summary>The state that the job goes to.</summary>
    public string State { get; }

    /// <summary>The value of the tag <c>outcome</c> in metrics.</summary>
    public string Name { get; }

    /// <summary>True when the job succeeded, false when it failed; null when the run says nothing about either.</summary>
    public bool? Succeeded => State switch
    {
        JobStates.Done => true,
        JobStates.Buried => false,
        JobStates.Pending when Failed => false,
        _ => null,
    };

    /// <summary>Whether the job is given up and kept for an operator.</summary>
    public bool IsBuried => State == JobStates.Buried;

    /// <summary>The time until a pending or waiting job is due again.</summary>
    public TimeSpan Delay { get; private init; }

    /// <summary>The reason why the job is retried, postponed or buried. It is stored, so the caller must redact it.</summary>
    public string? Error { get; private init; }

    /// <summary>False when the run does not count as an attempt, because it ended before it had done anything.</summary>
    public bool CountsAsAttempt { get; private init; } = true;

    /// <summary>Whether the run counts as a failure. The retry schedule counts failures.</summary>
    public bool Failed { get; private init; }

    /// <summary>
    /// Writes the rows and jobs of the next stage, in the transaction that settles the job. It is called only if the lease is
    /// still held, and its writes are rolled back with the settlement. The transaction has <see cref="JobSql.PlanSettings"/>, and
    /// the session is not reset afterwards: a handover changes no setting of it.
    /// </summary>
    public Func<NpgsqlTransaction, CancellationToken, Task>? Handover { get; init; }

    /// <summary>
    /// Rows of the next stage whose statements return nothing that the job needs. They are sent in one round trip with the rows
    /// of other jobs, before any <see cref="Handover"/>.
    /// </summary>
    public IReadOnlyList<JobWrite> Writes { get; init; } = [];

    /// <summary>Called after the outcome is committed, and only then. It is for metrics and log lines.</summary>
    public Action? Committed { get; init; }

    /// <summary>The jobs that <see cref="Handover"/> or <see cref="Writes"/> enqueue, for a wake-up after the commit.</summary>
    public JobWake? Wakes { get; init; }

    /// <summary>The job has done its work.</summary>
    public static JobOutcome Done() => new(JobStates.Done);

    /// <summary>The job has ended, because nobody wants it.</summary>
    public static JobOutcome Ignored() => new(JobStates.Ignored);

    /// <summary>The attempt failed. The job runs again after a delay.</summary>
    public static JobOutcome Retry(TimeSpan delay, string error) =>
        new(JobStates.Pending, "retried") { Delay = delay, Error = error, Failed = true };

    /// <summary>
    /// The run was cut short after it may have done something. The job runs again at once; the run counts as an attempt, but not
    /// as a failure.
    /// </summary>
    public static JobOutcome Interrupted(string error) => new(JobStates.Pending, "interrupted") { Error = error };

    /// <summary>
    /// The job runs later, because of a rate limit or because something of ours is missing. The attempt does not count.
    /// </summary>
    /// <param name="delay">How much later.</param>
    /// <param name="error">What is missing; null when nothing is.</param>
    public static JobOutcome Postpone(TimeSpan delay, string? error = null) =>
        new(JobStates.Pending, "postponed") { Delay = delay, Error = error, CountsAsAttempt = false };

    /// <summary>
    /// The job waits for the decision of a person, which makes it due. Without a decision it is due at the deadline. The attempt
    /// does not count.
    /// </summary>
    /// <param name="deadline">The time until the deadline.</param>
    public static JobOutcome Wait(TimeSpan deadline) => new(JobStates.Waiting) { Delay = deadline, CountsAsAttempt = false };

    /// <summary>The job is given up and kept for an operator.</summary>
    public static JobOutcome Bury(string error) => new(JobStates.Buried) { Error = error, Failed = true };

    /// <summary>
    /// The job goes back unfinished, because the process stops, the lease may have expired, or this process lacks the playbook.
    /// It is due at once, and the attempt does not count.
    /// </summary>
    public static JobOutcome HandBack() => new(JobStates.Pending, "handed_back") { CountsAsAttempt = false };
}

/// <summary>Jobs that were enqueued.</summary>
/// <param name="kind">Their kind.</param>
public sealed class JobWake(JobKind kind)
{
    public JobKind Kind => kind;

    /// <summary>The lanes of the jobs; null when they are not known, and the pump has to search for them.</summary>
    public IReadOnlyCollection<string>? Lanes { get; set; }
}
