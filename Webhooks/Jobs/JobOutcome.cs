using Npgsql;

namespace Aspire.Webhooks.Jobs;

/// <summary>How a job ended, for <see cref="JobQueue.SettleAsync"/>.</summary>
public sealed record JobOutcome
{
    private JobOutcome(string state) => State = state;

    /// <summary>The state that the job goes to.</summary>
    public string State { get; }

    /// <summary>What happened, as metrics call it.</summary>
    public string Name => State != "pending" ? State : CountsAsAttempt ? "retried" : Delay > TimeSpan.Zero ? "postponed" : "handed_back";

    /// <summary>True when the job did what it was for, false when it failed; null when it neither did nor failed.</summary>
    public bool? Succeeded => State switch
    {
        "done" => true,
        "buried" => false,
        "pending" when CountsAsAttempt => false,
        _ => null,
    };

    /// <summary>Whether the job is given up.</summary>
    public bool IsBuried => State == "buried";

    /// <summary>When a pending or waiting job is due again.</summary>
    public TimeSpan Delay { get; private init; }

    /// <summary>Why it is retried, put off or buried; stored, so redacted by whoever made it.</summary>
    public string? Error { get; private init; }

    /// <summary>False when the run was cut short by us and must not count as an attempt.</summary>
    public bool CountsAsAttempt { get; private init; } = true;

    /// <summary>Whether the job is claimed for the places of slow lanes from now on. False leaves it as it was.</summary>
    public bool IsSlow { get; init; }

    /// <summary>
    /// What is written in the transaction that settles the job: the next stage's rows and jobs. It runs only while the
    /// lease is still held, and is undone with the settlement.
    /// </summary>
    public Func<NpgsqlTransaction, CancellationToken, Task>? Handover { get; init; }

    /// <summary>The kind of job that <see cref="Handover"/> put in the queue.</summary>
    public JobKind? Wakes { get; init; }

    /// <summary>Finished.</summary>
    public static JobOutcome Done() => new("done");

    /// <summary>Finished, because nobody wanted it.</summary>
    public static JobOutcome Ignored() => new("ignored");

    /// <summary>Runs again after a delay.</summary>
    public static JobOutcome Retry(TimeSpan delay, string error) => new("pending") { Delay = delay, Error = error };

    /// <summary>Runs later, because it is not its turn or something of ours is missing; the attempt does not count.</summary>
    /// <param name="error">What is missing; null where nothing is.</param>
    public static JobOutcome Postpone(TimeSpan delay, string? error = null) => new("pending") { Delay = delay, Error = error, CountsAsAttempt = false };

    /// <summary>
    /// Waits for a person, whose decision makes the job due; without one it is due after <paramref name="deadline"/>. The attempt does
    /// not count.
    /// </summary>
    public static JobOutcome Wait(TimeSpan deadline) => new("waiting") { Delay = deadline, CountsAsAttempt = false };

    /// <summary>Given up; kept for an operator.</summary>
    public static JobOutcome Bury(string error) => new("buried") { Error = error };

    /// <summary>Handed back unfinished because this process stops: due at once, and the attempt does not count.</summary>
    public static JobOutcome HandBack() => new("pending") { CountsAsAttempt = false };
}
