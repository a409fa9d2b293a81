namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// How fast commits come to an end while there are any, whatever their number at once: a pure value that is told of their
/// starts and ends. Times are spans since one moment.
/// </summary>
/// <param name="Mean">The time from one end to the next: a moving mean of the last ten or so.</param>
/// <param name="UnderWay">How many commits there are now.</param>
/// <param name="Since">When the last one ended, or the first of those under way started.</param>
public sealed record CommitPace(TimeSpan Mean, int UnderWay, TimeSpan Since)
{
    private const int Weight = 10;

    public CommitPace Started(TimeSpan now) => this with { UnderWay = UnderWay + 1, Since = UnderWay == 0 ? now : Since };

    /// <param name="most">What one commit counts at most, so that a long one is soon forgotten.</param>
    public CommitPace Ended(TimeSpan now, TimeSpan most)
    {
        var took = now - Since < most ? now - Since : most;
        return new(Mean == TimeSpan.Zero ? took : Mean + ((took - Mean) / Weight), UnderWay - 1, now);
    }

    /// <summary>How long an event would wait for its answer, by what the last commits achieved.</summary>
    /// <param name="waiting">How many wait before it.</param>
    /// <param name="batchSize">How many a commit takes.</param>
    /// <param name="writers">How many commits there can be at once: while all last longer than usual, so does the wait.</param>
    public TimeSpan Wait(int waiting, int batchSize, int writers, TimeSpan now)
    {
        if (UnderWay == 0 && waiting == 0)
        {
            return TimeSpan.Zero;
        }

        var last = UnderWay >= writers && now - Since > Mean ? now - Since : Mean;
        return last + (Mean * (waiting / batchSize));
    }
}
