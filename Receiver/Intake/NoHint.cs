namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Knows nothing: every delivery goes to Postgres.</summary>
public sealed class NoHint : IDedupeHint
{
    public Task<bool[]> KnownAsync(IReadOnlyList<IntakeItem> items) => Task.FromResult(new bool[items.Count]);

    public Task RememberAsync(IReadOnlyList<IntakeItem> items) => Task.CompletedTask;
}
