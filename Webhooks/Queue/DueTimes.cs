namespace Aspire.Webhooks.Queue;

/// <summary>
/// The times at which lanes have jobs that this process has postponed, so that a retry does not wait for the next poll. Polling
/// finds the jobs of other processes, and those that are not noted here.
/// </summary>
internal sealed class DueTimes(TimeProvider time)
{
    // Jobs that are due together are claimed together. The database counts from the begin of the settlement, and this process
    // from its end, so a job is due when its time comes here.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    // One entry takes 100 bytes. An outage can postpone any number of jobs.
    private const int Max = 10_000;

    private readonly Lock _lock = new();
    private readonly SortedSet<(long Step, string Lane)> _times = new(Comparer<(long Step, string Lane)>.Create((one, other) =>
        one.Step != other.Step ? one.Step.CompareTo(other.Step) : string.CompareOrdinal(one.Lane, other.Lane)));

    private TimeSpan Now => time.GetElapsedTime(0);

    /// <summary>How long until the next time; null when there is none.</summary>
    public TimeSpan? Next
    {
        get
        {
            lock (_lock)
            {
                return _times.Count == 0 ? null : Until(_times.Min.Step);
            }
        }
    }

    /// <summary>Notes that a lane has a job that is due after a delay.</summary>
    /// <returns>Whether no earlier time is noted.</returns>
    public bool Add(string lane, TimeSpan delay)
    {
        lock (_lock)
        {
            var entry = (((Now + delay).Ticks / Step.Ticks) + 1, lane);
            return _times.Count < Max && _times.Add(entry) && _times.Min == entry;
        }
    }

    /// <summary>Takes the lanes whose times have come.</summary>
    public IReadOnlyList<string> Take()
    {
        lock (_lock)
        {
            var lanes = new List<string>();
            while (_times.Count > 0 && Until(_times.Min.Step) == TimeSpan.Zero)
            {
                lanes.Add(_times.Min.Lane);
                _times.Remove(_times.Min);
            }

            return lanes;
        }
    }

    private TimeSpan Until(long step) => step * Step > Now ? step * Step - Now : TimeSpan.Zero;
}
