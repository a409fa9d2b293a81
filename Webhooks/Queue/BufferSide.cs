namespace Aspire.Webhooks.Queue;

/// <summary>
/// One half of a <see cref="JobBuffer{TWork}"/>: the slow lanes or the others, how many places they occupy, and whose turn it is.
/// </summary>
internal sealed class BufferSide<TWork>
{
    private readonly List<BufferedLane<TWork>> _lanes = [];
    private int _turn;

    /// <summary>How many places are taken.</summary>
    public int Places { get; set; }

    /// <summary>How many jobs wait for a place.</summary>
    public int Buffered { get; private set; }

    /// <summary>Counts jobs that were added to a lane.</summary>
    public void Add(BufferedLane<TWork> lane, int jobs)
    {
        Buffered += jobs;
        if (jobs > 0 && lane.Jobs.Count == jobs)
        {
            _lanes.Add(lane);
        }
    }

    /// <summary>Counts jobs that were removed from a lane.</summary>
    public void Remove(BufferedLane<TWork> lane, int jobs)
    {
        Buffered -= jobs;
        if (lane.Jobs.Count == 0)
        {
            _lanes.Remove(lane);
        }
    }

    /// <summary>Removes a lane with its jobs, before it is added to the other side.</summary>
    public void Leave(BufferedLane<TWork> lane)
    {
        Buffered -= lane.Jobs.Count;
        _lanes.Remove(lane);
    }

    /// <summary>Finds the lane that runs the fewest jobs and may run more. Of several, it is the one whose turn it is.</summary>
    public BufferedLane<TWork>? Next(Func<BufferedLane<TWork>, int> limitOf)
    {
        var (next, found) = ((BufferedLane<TWork>?)null, 0);
        for (var looked = 0; looked < _lanes.Count && next?.Running != 0; looked++)
        {
            var at = (_turn + looked) % _lanes.Count;
            var lane = _lanes[at];
            if (lane.Running < limitOf(lane) && (next is null || lane.Running < next.Running))
            {
                (next, found) = (lane, at);
            }
        }

        // When the last job of the lane is taken, the lane leaves the list. The next lane moves to its index and is next.
        _turn = next is null ? _turn : next.Jobs.Count == 1 ? found : found + 1;
        return next;
    }
}
