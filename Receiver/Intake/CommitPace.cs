namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Measures the rate at which commits finish, however many run at once. An immutable value that is updated with each start and
/// end. Times are measured from a common starting point.
/// </summary>
/// <param name="Mean">The mean time between the ends of commits: a moving average over about ten.</param>
/// <param name="UnderWay">The number of commits in progress.</param>
/// <param name="Since">The time at which the last commit ended, or the first of those in progress started.</param>
public sealed record CommitPace(TimeSpan Mean, int UnderWay, TimeSpan Since)
{
    private const int Weight = 10;

    public CommitPace Started(TimeSpan now) => this with { UnderWay = UnderWay + 1, Since = UnderWay == 0 ? now : Since };

    /// <param name="most">The largest time that one commit contributes, so that a long one is soon forgotten.</param>
    public CommitPace Ended(TimeSpan now, TimeSpan most)
    {
        var took = now - Since < most ? now - Since : most;
        return new(Mean == TimeSpan.Zero ? took : Mean + ((took - Mean) / Weight), UnderWay - 1, now);
    }

    /// <summary>Estimates how long an event would wait for its answer, from the last commits.</summary>
    /// <param name="waiting">The number of events that wait before it.</param>
    /// <param name="batchSize">The number of events per commit.</param>
    /// <param name="writers">The number of concurrent commits. While all of them take longer than usual, the estimate
    /// grows.</param>
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
