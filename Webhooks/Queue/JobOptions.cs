using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Queue;

/// <summary>How a kind of job is worked off. Section <c>Webhooks:Jobs:{Kind}</c>.</summary>
public sealed class JobOptions
{
    /// <summary>
    /// How many jobs run at once in this process at most. It begins with a quarter, and takes more while jobs wait and more of them
    /// end for it. Of tasks 64, of deliveries 1024.
    /// </summary>
    [Range(1, 10_000)]
    public int Concurrency { get; set; } = 256;

    /// <summary>
    /// How many jobs of one lane (a source; of deliveries: an endpoint) run at once in this process. Not set: as many as there
    /// are places; of deliveries 8.
    /// </summary>
    [Range(1, 1000)]
    public int? PerLane { get; set; }

    /// <summary>
    /// How many retries and jobs of slow lanes run at once in this process, beside <see cref="Concurrency"/>. A job that takes longer
    /// than <see cref="SlowAfter"/> makes its lane slow and gives its place back; one that ends in time, or fails, takes that back.
    /// So those that hang or fail take no places from those that do not. 0: all have the same places. Of deliveries 512.
    /// </summary>
    [Range(0, 10_000)]
    public int SlowConcurrency { get; set; }

    /// <summary>When a job counts as slow; sooner, down to a tenth, when few places were left as it began.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan SlowAfter { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What holds for one source instead, by its name. Deliveries have none.</summary>
    public Dictionary<string, SourceJobOptions> Sources { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long a job is held before it counts as abandoned; renewed at each third.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often to look for work that no wake-up told of.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long running jobs may take to finish at a stop before they are handed back.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>When a source's failed jobs are run again; null where nothing is said of it.</summary>
    public RetrySchedule? ScheduleOf(string source) => Sources.GetValueOrDefault(source)?.Retries is { } retries ? new(retries) : null;
}

/// <summary>How one source's jobs of a kind are worked off. At <c>Webhooks:Jobs:{Kind}:Sources:{source}</c>.</summary>
public sealed class SourceJobOptions
{
    /// <summary>How many of its jobs run at once in this process. Not set: <see cref="JobOptions.PerLane"/>.</summary>
    [Range(1, 1000)]
    public int? Concurrency { get; set; }

    /// <summary>
    /// The waits after attempt 1, 2, …; when they are used up the job is buried. An empty list buries at the first failure. Not
    /// set: the kind's, 1 s, 10 s, 60 s.
    /// </summary>
    [MaxLength(20), Range(typeof(TimeSpan), "00:00:00", "7.00:00:00", MinimumIsExclusive = true)]
    public TimeSpan[]? Retries { get; set; }
}
