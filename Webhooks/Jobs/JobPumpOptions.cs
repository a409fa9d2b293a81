using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Jobs;

/// <summary>How a kind of job is worked off. Section <c>Webhooks:Jobs:{Kind}</c>.</summary>
public sealed class JobPumpOptions
{
    /// <summary>How many jobs run at once in this process. Default 8, from 1 to 1000.</summary>
    [Range(1, 1000)]
    public int Concurrency { get; set; } = 8;

    /// <summary>How long a job is held before it counts as abandoned; renewed at each third. Default 30 s, from 1 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often to look for work that no wake-up told of. Default 1 s, from 50 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long running jobs may take to finish at a stop before they are handed back. Default 10 s, up to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(10);
}
