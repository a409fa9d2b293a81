using Npgsql;

namespace Aspire.Webhooks.Queue;

/// <summary>Does the work of one kind of job.</summary>
/// <typeparam name="TWork">
/// The data that a claim reads with each job, so that the run needs no query of its own for it.
/// </typeparam>
public interface IJobHandler<TWork>
{
    static abstract JobKind Kind { get; }

    /// <summary>The columns that <see cref="Read"/> reads, in SQL, of the tables in <see cref="Joins"/>.</summary>
    static abstract string Columns { get; }

    /// <summary>
    /// Joins of tables to <c>due.ref_id</c>, in SQL. They must be left joins: a job whose row is missing must be claimed, so that
    /// it fails.
    /// </summary>
    static abstract string Joins { get; }

    /// <summary>The waits after exceptions of <see cref="RunAsync"/>.</summary>
    RetrySchedule Schedule { get; }

    /// <summary>Completes when jobs can be claimed.</summary>
    Task ReadyAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Returns the shortest wait after an exception, whatever the schedule says; null when there is none.</summary>
    TimeSpan? RetryAfter(Exception exception) => null;

    /// <summary>Reads the columns of a claimed job. An exception is a failed attempt of that job alone.</summary>
    /// <param name="reader">The reader, at the row of the job.</param>
    /// <param name="first">The ordinal of the first of <see cref="Columns"/>.</param>
    /// <param name="job">The job.</param>
    static abstract TWork Read(NpgsqlDataReader reader, int first, LeasedJob job);

    /// <summary>Returns how many jobs of a lane may start now, however many places are free; null for no such limit.</summary>
    int? Paced(string lane) => null;

    /// <summary>Returns the outcome of a job that is buried, with what is written together with it.</summary>
    JobOutcome Buried(LeasedJob job, JobOutcome outcome) => outcome;

    /// <summary>
    /// Runs one job. Writes belong in the handover of the outcome, so that they happen once. An exception is a failed attempt.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="work">The data that the claim has read.</param>
    /// <param name="cancellationToken">Cancelled when the lease may have expired, or when the process stops.</param>
    Task<JobOutcome> RunAsync(LeasedJob job, TWork work, CancellationToken cancellationToken);
}
