namespace Aspire.Webhooks.Bench;

/// <summary>What became of each request of a load, by its number.</summary>
internal sealed class Answers
{
    private readonly List<(long Due, long At, ushort Status)> _all = [];
    private long _lastAt;
    private long _firstAcceptedAt;

    public Answers(long start, TimeSpan duration) => (Start, Duration, _lastAt) = (start, duration, start);

    public int Count => _all.Count;

    /// <summary>When the load began, as a timestamp.</summary>
    public long Start { get; }

    /// <summary>
    /// From the start to its end; to the last answer where the requests were used up before, or the first was accepted later.
    /// </summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>How many were answered 2xx within the duration.</summary>
    public int Accepted =>
        _all.Count(one => IsAccepted(one.Status) && TimeProvider.System.GetElapsedTime(Start, one.At) <= Duration);

    /// <summary>Whether one has been answered 2xx.</summary>
    public bool HasAccepted => _firstAcceptedAt > 0;

    public double AcceptedPerSecond => Accepted / Duration.TotalSeconds;

    /// <summary>How many were answered, by status; 0 is no answer.</summary>
    public IReadOnlyDictionary<int, int> ByStatus => _all.CountBy(one => (int)one.Status).ToDictionary();

    /// <summary>From due to answered, of those that were accepted.</summary>
    public Latencies Latencies => new(_all.Where(one => IsAccepted(one.Status))
        .Select(one => TimeProvider.System.GetElapsedTime(one.Due, one.At).TotalMilliseconds));

    public IEnumerable<(int Number, TimeSpan Due, TimeSpan Latency, bool IsAccepted)> Each => _all.Index().Select(one => (
        one.Index, TimeProvider.System.GetElapsedTime(Start, one.Item.Due),
        TimeProvider.System.GetElapsedTime(one.Item.Due, one.Item.At),
        IsAccepted(one.Item.Status)));

    public long DueAt(int number) => _all[number].Due;

    /// <summary>When it was answered, as a timestamp; 0 when it was not.</summary>
    public long AnsweredAt(int number) => _all[number].At;

    /// <summary>How many were due while no connection was free, and were never sent.</summary>
    public int Unsent { get; private set; }

    public void AddUnsent(long due)
    {
        Add(due);
        Unsent++;
    }

    public int Add(long due)
    {
        _all.Add((due, 0, 0));
        return _all.Count - 1;
    }

    public void Set(int number, int status)
    {
        _lastAt = TimeProvider.System.GetTimestamp();
        _all[number] = (_all[number].Due, _lastAt, (ushort)status);
        if (IsAccepted(status) && !HasAccepted)
        {
            _firstAcceptedAt = _lastAt;
        }
    }

    /// <summary>No more will come.</summary>
    public void Close()
    {
        var last = TimeProvider.System.GetElapsedTime(Start, _lastAt);
        if ((last < Duration && last > TimeSpan.Zero)
            || (HasAccepted && TimeProvider.System.GetElapsedTime(Start, _firstAcceptedAt) > Duration))
        {
            Duration = last;
        }
    }

    private static bool IsAccepted(int status) => status is >= 200 and < 300;
}
