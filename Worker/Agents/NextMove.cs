namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// The next move of a task. It depends only on the steps, so that a run continues where another one was interrupted.
/// </summary>
public abstract record NextMove
{
    /// <summary>Writes the prompt.</summary>
    public sealed record Begin : NextMove;

    /// <summary>Calls the model.</summary>
    public sealed record AskModel : NextMove;

    /// <summary>Calls a tool.</summary>
    /// <param name="ApprovalPosition">The position of its approval step; null when no approval was requested.</param>
    public sealed record CallTool(ToolCall Call, int? ApprovalPosition) : NextMove;

    /// <summary>Stores the result: the model has answered without calling a tool.</summary>
    public sealed record Conclude(string Text, IReadOnlyDictionary<string, string> Facts) : NextMove;

    /// <summary>Completes the task with its stored result.</summary>
    public sealed record Finish(string Text, IReadOnlyDictionary<string, string> Facts) : NextMove;

    /// <summary>Returns the move that follows the steps.</summary>
    public static NextMove After(IReadOnlyList<TaskStep> steps)
    {
        switch (steps)
        {
            case []:
                return new Begin();
            case [.., { Kind: StepKind.Prompt }]:
                return new AskModel();
            case [.., { Kind: StepKind.Result } result]:
                return new Finish(result.Content, result.Facts);
        }

        var asked = steps.Last(step => step.Kind == StepKind.Model);
        var data = asked.ModelData;
        if (data.Calls.Count == 0)
        {
            return new Conclude(asked.Content, data.Facts ?? new Dictionary<string, string>(StringComparer.Ordinal));
        }

        var answered = steps.Count(step => step.Position > asked.Position && step.Kind == StepKind.Tool);
        return answered == data.Calls.Count
            ? new AskModel()
            : new CallTool(data.Calls[answered], steps[^1] is { Kind: StepKind.Approval } approval ? approval.Position : null);
    }
}
