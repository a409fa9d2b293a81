namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// A memory of delivery ids that Postgres has committed. It only saves work: without it every event goes to Postgres, whose
/// unique key decides. Never throws, and claims nothing but what was committed on the <see cref="Timeline"/> that the database
/// was on a second ago at most. Blocks: it is called from a writer's own thread.
/// </summary>
public interface IDedupeHint
{
    /// <summary>For each item, whether its delivery id is known to be committed. False when that cannot be told.</summary>
    bool[] Known(IReadOnlyList<IntakeItem> items);

    /// <summary>Remembers delivery ids. Call with committed ones only.</summary>
    void Remember(IReadOnlyList<IntakeItem> items);
}
