namespace Aspire.Webhooks.Worker.Steps;

/// <summary>A task's steps during a run: those that are stored and, behind them, those that are yet to be.</summary>
public sealed class TaskSteps(IReadOnlyList<TaskStep> stored)
{
    private readonly List<TaskStep> _all = [.. stored];
    private int _stored = stored.Count;

    public IReadOnlyList<TaskStep> All => _all;

    public IReadOnlyList<TaskStep> Unstored => _all[_stored..];

    /// <summary>Adds a step that is not stored yet.</summary>
    public void Add(TaskStep step) => _all.Add(step);

    /// <summary>Notes that all are stored now.</summary>
    public void Stored() => _stored = _all.Count;
}
