namespace Aspire.Webhooks.Worker.Agents;

/// <summary>What a task does next. It follows from its steps alone, so that a run goes on where another was cut short.</summary>
public abstract record NextMove
{
    /// <summary>Write the prompt.</summary>
    public sealed record Begin : NextMove;

    /// <summary>Ask the model.</summary>
    public sealed record AskModel : NextMove;

    /// <summary>Do a tool call.</summary>
    /// <param name="ApprovalPosition">The step that asked for its approval; null when none has been asked for.</param>
    public sealed record CallTool(ToolCall Call, int? ApprovalPosition) : NextMove;

    /// <summary>The model has answered and wants nothing more.</summary>
    public sealed record Conclude(string Text, IReadOnlyDictionary<string, string> Facts) : NextMove;

    /// <summary>The task has its result.</summary>
    public sealed record Finish(string Text, IReadOnlyDictionary<string, string> Facts) : NextMove;

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
