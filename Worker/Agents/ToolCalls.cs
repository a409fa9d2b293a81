using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.AI;
using Npgsql;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>The result of a tool call: the text for the model, and the effect that is applied with the step.</summary>
public sealed record ToolAnswer(string Text, bool Failed, ToolEffect? Effect = null);

/// <summary>
/// Creates the tools of a playbook and calls them. Invalid calls of a model end with an error that it can read.
/// </summary>
public sealed partial class ToolCalls(IEnumerable<AgentTool> tools, Redactor redactor, ILogger<ToolCalls> logger)
{
    /// <summary>The number of characters of a result that are kept.</summary>
    public const int MaxText = 16_000;

    private readonly Dictionary<string, AgentTool> _tools = tools.ToDictionary(tool => tool.Name, StringComparer.Ordinal);

    /// <summary>Returns the functions that the playbook of the task allows. The model cannot call any others.</summary>
    public IReadOnlyList<AIFunction> For(ToolContext context) =>
        [.. context.Playbook.Options.Tools.Distinct(StringComparer.Ordinal).Select(name => Create(_tools[name], context))];

    /// <summary>Whether the only effect of a call is the <see cref="ToolEffect"/> that it returns.</summary>
    public bool ReturnsEffect(string tool) => _tools.TryGetValue(tool, out var known) && known.ReturnsEffect;

    /// <summary>Returns an error when the tool does not exist or the arguments are not an object; null otherwise.</summary>
    public static ToolAnswer? Refuse(ToolCall call, IReadOnlyList<AIFunction> functions)
    {
        if (functions.All(function => function.Name != call.Name))
        {
            var names = string.Join(", ", functions.Select(function => function.Name));
            var known = functions.Count == 0 ? "There are none." : $"There are: {names}.";
            return new($"There is no tool '{call.Name}'. {known}", Failed: true);
        }

        return call.Arguments is null ? new("The arguments are not a JSON object.", Failed: true) : null;
    }

    /// <summary>Returns an error when a call can only fail; null when it can be made. The check has no effect.</summary>
    public async Task<ToolAnswer?> CheckAsync(
        ToolCall call, ToolContext context, IReadOnlyList<AIFunction> functions, CancellationToken cancellationToken)
    {
        if (Refuse(call, functions) is { } refused)
        {
            return refused;
        }

        var tool = _tools[call.Name];
        var check = tool.Check ?? (tool.ReturnsEffect ? tool.Create : null);
        var answer = await AnswerAsync(
            call,
            async () =>
            {
                Bind(call, Find(call, functions));
                return check is null ? null : await InvokeAsync(call, check(context), cancellationToken);
            },
            cancellationToken);
        return answer.Failed ? answer : null;
    }

    public async Task<ToolAnswer> CallAsync(
        ToolCall call, IReadOnlyList<AIFunction> functions, CancellationToken cancellationToken) =>
        Refuse(call, functions)
        ?? await AnswerAsync(
            call,
            async () =>
            {
                var function = Find(call, functions);
                Bind(call, function);
                return await InvokeAsync(call, function, cancellationToken);
            },
            cancellationToken);

    // Calls are checked and approved by name, so the function must have the name of the tool.
    private static ClosedFunction Create(AgentTool tool, ToolContext context) =>
        tool.Create(context) is var function && function.Name == tool.Name
            ? new ClosedFunction(function)
            : throw new InvalidOperationException($"The function of the tool '{tool.Name}' is named '{function.Name}'.");

    private static AIFunction Find(ToolCall call, IReadOnlyList<AIFunction> functions) =>
        functions.First(function => function.Name == call.Name);

    private static ValueTask<object?> InvokeAsync(ToolCall call, AIFunction function, CancellationToken cancellationToken) =>
        function.InvokeAsync(new(Conversation.Arguments(call), StringComparer.Ordinal), cancellationToken);

    // Converts the arguments as the function would. A missing or unknown argument, or one of another type, makes the call fail:
    // a tool must not do something else than it was asked for.
    private static void Bind(ToolCall call, AIFunction function)
    {
        var arguments = Conversation.Arguments(call);
        ToolArguments.CheckNames(function.JsonSchema, arguments.Keys);
        foreach (var parameter in function.UnderlyingMethod?.GetParameters() ?? [])
        {
            if (arguments.GetValueOrDefault(parameter.Name!) is not JsonElement value)
            {
                continue;
            }

            try
            {
                value.Deserialize(parameter.ParameterType, function.JsonSerializerOptions);
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException or NotSupportedException)
            {
                throw ToolArguments.Unreadable(function.JsonSchema, parameter.Name!, value);
            }
        }
    }

    private async Task<ToolAnswer> AnswerAsync(ToolCall call, Func<Task<object?>> invoke, CancellationToken cancellationToken)
    {
        try
        {
            var result = await invoke();
            return result is ToolEffect effect ? new("", Failed: false, effect) : new(Text(result), Failed: false);
        }
        catch (ToolException exception)
        {
            return new(Text(exception.Message), Failed: true);
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException or FormatException)
        {
            return new(Text($"The arguments do not fit: {exception.Message}"), Failed: true);
        }
        // Errors of the database and a stop of the process are not results: the task runs again.
        catch (Exception exception) when (exception is not NpgsqlException && !cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, call.Name, exception);
            return new(Text($"{call.Name} failed: {exception.Message}"), Failed: true);
        }
    }

    /// <summary>Returns the text of a result, redacted and cut.</summary>
    public string Text(object? result) => StorableText.CodePoints(
        result switch
        {
            null => "",
            string text => StorableText.Redacted(text, redactor.Redact),
            JsonElement json => RedactedJson.Write(json, redactor),
            _ => RedactedJson.Write(JsonSerializer.SerializeToElement(result), redactor),
        },
        MaxText);

    [LoggerMessage(EventId = 3301, Level = LogLevel.Warning, Message = "The tool {Tool} failed; the model gets the error.")]
    private static partial void LogFailed(ILogger logger, string tool, Exception exception);
}
