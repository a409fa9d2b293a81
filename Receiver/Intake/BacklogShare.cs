namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// How much of the intake is let in while the work behind it is late: a pure value, followed by another one each second.
/// docs/operations.md has the rule.
/// </summary>
/// <param name="PerSecond">How many events are let in each second; null: all.</param>
/// <param name="Age">How long the oldest due event had been due.</param>
/// <param name="Committed">How many events were committed by then.</param>
public sealed record BacklogShare(int? PerSecond, TimeSpan Age, long Committed)
{
    /// <summary>What is let in however late the work is.</summary>
    public const int Least = 100;

    // Of two looks a second apart.
    private static readonly TimeSpan StandsStill = TimeSpan.FromMilliseconds(950);

    /// <summary>The value for the next second.</summary>
    /// <param name="age">How long the oldest due event has been due.</param>
    /// <param name="committed">How many events are committed by now.</param>
    /// <param name="maxAge">What is not late yet.</param>
    public BacklogShare Next(TimeSpan age, long committed, TimeSpan maxAge)
    {
        // Nobody works: to keep events out would help nobody.
        var isLate = age > maxAge && age - Age < StandsStill;
        return new(isLate ? Share(age, committed) : null, age, committed);
    }

    private int? Share(TimeSpan age, long committed)
    {
        var falls = age > Age;
        return falls ? (int)Math.Max(Least, (PerSecond ?? committed - Committed) / 2) : PerSecond;
    }
}
