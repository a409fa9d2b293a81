namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Limits the intake while event jobs are late. An immutable value that is replaced each second; docs/operations.md has the
/// rule.
/// </summary>
/// <param name="PerSecond">The number of events that are accepted per second; null for no limit.</param>
/// <param name="Age">How long the oldest due event had been due when the value was made.</param>
/// <param name="Committed">The number of events committed when the value was made.</param>
public sealed record BacklogShare(int? PerSecond, TimeSpan Age, long Committed)
{
    /// <summary>The smallest limit, however late the jobs are.</summary>
    public const int Least = 100;

    // The age of the oldest event grows by this much per second when no job makes progress.
    private static readonly TimeSpan StandsStill = TimeSpan.FromMilliseconds(950);

    /// <summary>Returns the value for the next second.</summary>
    /// <param name="age">How long the oldest due event has been due now.</param>
    /// <param name="committed">The number of events committed until now.</param>
    /// <param name="maxAge">The age above which jobs are late.</param>
    public BacklogShare Next(TimeSpan age, long committed, TimeSpan maxAge)
    {
        // If the age grows as fast as the time, no Worker is running, and refusing events would not help.
        var isLate = age > maxAge && age - Age < StandsStill;
        return new(isLate ? Share(age, committed) : null, age, committed);
    }

    private int? Share(TimeSpan age, long committed)
    {
        var falls = age > Age;
        return falls ? (int)Math.Max(Least, (PerSecond ?? committed - Committed) / 2) : PerSecond;
    }
}
