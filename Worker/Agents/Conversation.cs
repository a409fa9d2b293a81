using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>The messages of a conversation with a model.</summary>
public static class Conversation
{
    /// <summary>
    /// Returns the prompt, followed by the answers of the model and the results of its tools. The ids of calls are assigned here,
    /// because those of models can repeat or be absent.
    /// </summary>
    public static IReadOnlyList<ChatMessage> Of(AgentPrompt prompt, IReadOnlyList<TaskStep> steps)
    {
        List<ChatMessage> messages = [new(ChatRole.System, prompt.System), new(ChatRole.User, prompt.User)];
        var model = 0;
        var call = 0;
        foreach (var step in steps)
        {
            switch (step.Kind)
            {
                case StepKind.Model:
                    (model, call) = (step.Position, 0);
                    messages.Add(Answer(step));
                    break;
                case StepKind.Tool:
                    messages.Add(
                        new(ChatRole.Tool,
                            [new FunctionResultContent(CallId(model, call++), prompt.Enclose(step.Tool!, step.Content))]));
                    break;
            }
        }

        return messages;
    }

    private static ChatMessage Answer(TaskStep step)
    {
        List<AIContent> contents = step.Content.Length > 0 ? [new TextContent(step.Content)] : [];
        contents.AddRange(
            step.ModelData.Calls.Select(
                (call, index) => new FunctionCallContent(CallId(step.Position, index), call.Name, Arguments(call))));
        return new(ChatRole.Assistant, contents);
    }

    private static string CallId(int position, int index) => $"call_{position}_{index}";

    /// <summary>Returns the arguments of a call by name; empty when they are not a JSON object.</summary>
    public static Dictionary<string, object?> Arguments(ToolCall call) =>
        call.Arguments is null
            ? []
            : JsonSerializer.Deserialize<Dictionary<string, object?>>(call.Arguments, JsonSerializerOptions.Default)!;
}
