using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Queue;

/// <summary>How a process runs the jobs of one kind. Section <c>Webhooks:Jobs:{Kind}</c>.</summary>
public sealed class JobOptions
{
    /// <summary>
    /// The largest number of jobs that run at once in this process. The process begins with a quarter, and runs more while jobs
    /// wait and the throughput grows. The default for tasks is 64, for deliveries 1024.
    /// </summary>
    [Range(1, 10_000)]
    public int Concurrency { get; set; } = 256;

    /// <summary>
    /// The largest number of jobs of one lane (a source, or an endpoint of deliveries) that run at once in this process. Not set:
    /// no limit; for deliveries 8.
    /// </summary>
    [Range(1, 1000)]
    public int? PerLane { get; set; }

    /// <summary>
    /// The number of places for slow lanes in this process, in addition to <see cref="Concurrency"/>. A job that takes longer
    /// than <see cref="SlowAfter"/> moves to such a place. A failure or a late success makes its lane slow; a success in time
    /// makes it quick again. So jobs that hang or fail take no places from others. 0: all lanes share the same places. The
    /// default for deliveries is 512.
    /// </summary>
    [Range(0, 10_000)]
    public int SlowConcurrency { get; set; }

    /// <summary>
    /// The run time after which a job counts as slow. If few places were free when it began, the time is shorter, down to a
    /// tenth.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan SlowAfter { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Settings of single sources by name. Deliveries have none.</summary>
    public Dictionary<string, SourceJobOptions> Sources { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// How long a claim or a renewal holds a job. A lease is renewed when a third of it has passed. When it expires, another
    /// process can claim the job.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The interval of searches for jobs that no wake-up announced.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How late the oldest due job may be before this pump stops yielding to the intake. While the intake refuses requests
    /// because they cannot be answered in time, pumps claim no new jobs and leave the processors and the database to it. 0: never
    /// yield.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan YieldFor { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long running jobs may take to end when the process stops. After that they are handed back.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Returns the retry schedule of a source; null when it is not configured.</summary>
    public RetrySchedule? ScheduleOf(string source) =>
        Sources.GetValueOrDefault(source)?.Retries is { } retries ? new(retries) : null;
}

/// <summary>
/// How a process runs the jobs that one kind has of one source. Section <c>Webhooks:Jobs:{Kind}:Sources:{source}</c>.
/// </summary>
public sealed class SourceJobOptions
{
    /// <summary>
    /// The largest number of its jobs that run at once in this process. Not set: <see cref="JobOptions.PerLane"/>.
    /// </summary>
    [Range(1, 1000)]
    public int? Concurrency { get; set; }

    /// <summary>
    /// The waits after failure 1, 2, …; when they are used up the job is buried. An empty list buries the job at its first
    /// failure. Not set: the schedule of the kind, 1 s, 10 s, 60 s.
    /// </summary>
    [MaxLength(20), Range(typeof(TimeSpan), "00:00:00", "7.00:00:00", MinimumIsExclusive = true)]
    public TimeSpan[]? Retries { get; set; }
}
