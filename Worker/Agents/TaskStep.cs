using System.Text.Json;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>The kinds of steps, as the table names them.</summary>
public static class StepKind
{
    /// <summary>What the model was shown first.</summary>
    public const string Prompt = "prompt";

    /// <summary>A model's answer.</summary>
    public const string Model = "model";

    /// <summary>A tool call and its result.</summary>
    public const string Tool = "tool";

    /// <summary>A tool call that waits for a person.</summary>
    public const string Approval = "approval";

    /// <summary>What the task came to.</summary>
    public const string Result = "result";
}

/// <summary>Something that happened in a task. Redacted, stored when it happens, never changed.</summary>
/// <param name="Position">From 0, without gaps.</param>
/// <param name="Content">What was said: by the model, the tool, or us.</param>
public sealed record TaskStep(int Position, string Kind, string Content)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Of a tool or approval step.</summary>
    public string? Tool { get; init; }

    /// <summary>JSON: <see cref="ModelData"/> of a model, arguments of a tool or approval, facts of a result.</summary>
    public string? Data { get; init; }

    /// <summary>A tool call that was not done.</summary>
    public bool Failed { get; init; }

    public TimeSpan Duration { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    /// <summary>What a model step holds beside its text.</summary>
    public ModelData ModelData => Data is null ? new([], null) : JsonSerializer.Deserialize<ModelData>(Data, Json)!;

    /// <summary>The facts of a result step.</summary>
    public IReadOnlyDictionary<string, string> Facts =>
        Data is null
            ? new Dictionary<string, string>(StringComparer.Ordinal)
            : JsonSerializer.Deserialize<Dictionary<string, string>>(Data, Json)!;

    public static string ToData<T>(T data) => JsonSerializer.Serialize(data, Json);
}

/// <summary>What a model asked for.</summary>
/// <param name="Calls">The tool calls, in order.</param>
/// <param name="Facts">What a client of ours reports for programs beside its text; models have none.</param>
public sealed record ModelData(IReadOnlyList<ToolCall> Calls, IReadOnlyDictionary<string, string>? Facts);

/// <summary>A tool call as the model wrote it, redacted.</summary>
/// <param name="Arguments">A JSON object; null when the model wrote something else.</param>
public sealed record ToolCall(string Name, string? Arguments);

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
