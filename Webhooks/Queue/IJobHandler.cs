using Npgsql;

namespace Aspire.Webhooks.Queue;

/// <summary>Does the work of one kind of job.</summary>
/// <typeparam name="TWork">What a claim reads along with each job, so that a run needs no query of its own for it.</typeparam>
public interface IJobHandler<TWork>
{
    static abstract JobKind Kind { get; }

    /// <summary>The columns that <see cref="Read"/> reads, in SQL, over <see cref="Joins"/>.</summary>
    static abstract string Columns { get; }

    /// <summary>Joins of tables to <c>due.ref_id</c>, in SQL. Left joins: a job whose row is missing must be claimed, to fail.</summary>
    static abstract string Joins { get; }

    /// <summary>When a job that threw is run again.</summary>
    RetrySchedule Schedule { get; }

    /// <summary>How long a job that threw waits at least, whatever the schedule says; null where nothing asks for it.</summary>
    TimeSpan? RetryAfter(Exception exception) => null;

    /// <summary>Reads what a claim brought.</summary>
    /// <param name="reader">At the job's row.</param>
    /// <param name="first">The ordinal of the first of <see cref="Columns"/>.</param>
    /// <param name="job">The job. What this throws is a failed attempt of that job alone.</param>
    static abstract TWork Read(NpgsqlDataReader reader, int first, LeasedJob job);

    /// <summary>How many jobs of a lane may be started at this moment, whatever places there are; null for no such limit.</summary>
    int? Paced(string lane) => null;

    /// <summary>
    /// Runs one job. Effects belong in the outcome's handover, so that they happen once. An exception is a failed
    /// attempt; <paramref name="cancellationToken"/> is cancelled when the lease may have run out or the process stops.
    /// </summary>
    Task<JobOutcome> RunAsync(LeasedJob job, TWork work, CancellationToken cancellationToken);
}
