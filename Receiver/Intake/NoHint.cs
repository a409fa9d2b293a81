namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Knows nothing: every delivery goes to Postgres.</summary>
public sealed class NoHint : IDedupeHint
{
    public bool[] Known(IReadOnlyList<IntakeItem> items) => new bool[items.Count];

    public void Remember(IReadOnlyList<IntakeItem> items)
    {
    }
}
