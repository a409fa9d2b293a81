using System.Collections.Frozen;

namespace Aspire.Webhooks.Jobs;

/// <summary>Does the work of one kind of job.</summary>
public interface IJobHandler
{
    static abstract JobKind Kind { get; }

    /// <summary>When a job that threw is run again.</summary>
    RetrySchedule Schedule { get; }

    /// <summary>Lanes of which only so many more jobs may be started at this moment, whatever places there are.</summary>
    IReadOnlyDictionary<string, int> PacedLanes() => FrozenDictionary<string, int>.Empty;

    /// <summary>
    /// Runs one job. Effects belong in the outcome's handover, so that they happen once. An exception is a failed
    /// attempt; <paramref name="cancellationToken"/> is cancelled when the lease is lost or the process stops.
    /// </summary>
    Task<JobOutcome> RunAsync(LeasedJob job, CancellationToken cancellationToken);
}
