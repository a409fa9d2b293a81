using System.Text.Json;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>The kinds of steps, which are the values of the column <c>kind</c>.</summary>
public static class StepKind
{
    /// <summary>The prompt.</summary>
    public const string Prompt = "prompt";

    /// <summary>An answer of the model.</summary>
    public const string Model = "model";

    /// <summary>A tool call and its result.</summary>
    public const string Tool = "tool";

    /// <summary>A tool call that waits for approval.</summary>
    public const string Approval = "approval";

    /// <summary>The result of the task.</summary>
    public const string Result = "result";
}

/// <summary>A step of a task. It is redacted, and never changed after it was stored.</summary>
/// <param name="Position">The position in the task, from 0 and without gaps.</param>
/// <param name="Content">The text of the model, of the tool or of the Worker.</param>
public sealed record TaskStep(int Position, string Kind, string Content)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The tool of a tool step or approval step.</summary>
    public string? Tool { get; init; }

    /// <summary>
    /// JSON: the <see cref="ModelData"/> of a model step, the arguments of a tool step or approval step, or the facts of a
    /// result.
    /// </summary>
    public string? Data { get; init; }

    /// <summary>Whether a tool call failed.</summary>
    public bool Failed { get; init; }

    public TimeSpan Duration { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    /// <summary>The tool calls and facts of a model step.</summary>
    public ModelData ModelData => Data is null ? new([], null) : JsonSerializer.Deserialize<ModelData>(Data, Json)!;

    /// <summary>The facts of a result step.</summary>
    public IReadOnlyDictionary<string, string> Facts =>
        Data is null
            ? new Dictionary<string, string>(StringComparer.Ordinal)
            : JsonSerializer.Deserialize<Dictionary<string, string>>(Data, Json)!;

    public static string ToData<T>(T data) => JsonSerializer.Serialize(data, Json);
}

/// <summary>The data of a model step.</summary>
/// <param name="Calls">The tool calls in order.</param>
/// <param name="Facts">Facts for programs, from the built-in agent; null for models.</param>
public sealed record ModelData(IReadOnlyList<ToolCall> Calls, IReadOnlyDictionary<string, string>? Facts);

/// <summary>A tool call of a model, redacted.</summary>
/// <param name="Arguments">The arguments as a JSON object; null when they are not a JSON object.</param>
public sealed record ToolCall(string Name, string? Arguments);

/// <summary>The steps of a task during a run: the stored ones, followed by those that are not stored yet.</summary>
public sealed class TaskSteps(IReadOnlyList<TaskStep> stored)
{
    private readonly List<TaskStep> _all = [.. stored];
    private int _stored = stored.Count;

    public IReadOnlyList<TaskStep> All => _all;

    public IReadOnlyList<TaskStep> Unstored => _all[_stored..];

    /// <summary>Adds a step that is not stored yet.</summary>
    public void Add(TaskStep step) => _all.Add(step);

    /// <summary>Marks all steps as stored.</summary>
    public void Stored() => _stored = _all.Count;
}
