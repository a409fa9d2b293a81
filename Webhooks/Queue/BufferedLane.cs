namespace Aspire.Webhooks.Queue;

/// <summary>
/// A source or an endpoint, as one pump knows it. <see cref="JobBuffer{TWork}"/> alone uses it, under its lock.
/// </summary>
/// <param name="name">The name of the lane.</param>
internal sealed class BufferedLane<TWork>(string name)
{
    public string Name => name;

    /// <summary>The jobs that are claimed and have not begun.</summary>
    public Queue<ClaimedJob<TWork>> Jobs { get; } = new();

    public int Running { get; set; }

    /// <summary>How many of its running jobs have failed or were late, and their outcomes are not committed yet.</summary>
    public int Unsettled { get; set; }

    public bool IsSlow { get; set; }

    /// <summary>Whether the lane may have due jobs in the database.</summary>
    public bool IsDue { get; set; }

    /// <summary>The average run time of its jobs, in which the latest counts an eighth; zero before the first.</summary>
    public TimeSpan Took { get; set; }
}
