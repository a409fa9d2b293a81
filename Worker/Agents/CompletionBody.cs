using System.Globalization;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Reads the answers of servers of the chat-completions protocol. OpenAI's client throws on nearly everything that OpenAI does
/// not write: an unknown finish reason, arguments that are not a string, a time with a fraction.
/// </summary>
public static class CompletionBody
{
    // Deeper arguments fail later, when they are parsed, with an error that the model can read.
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 512 };

    private static readonly string[] FinishReasons = ["stop", "length", "tool_calls", "content_filter", "function_call"];

    // OpenAI: error.message; vLLM: message; FastAPI: detail or detail[0].msg; OpenRouter: choices[0].error.message.
    private static readonly string[] ErrorMembers = ["error", "message", "detail", "errors", "msg", "choices"];

    /// <summary>
    /// Returns the text and calls of the first choice, and the usage, in the format of OpenAI. Everything else is left out. Null
    /// when the body contains no completion or reports an error.
    /// </summary>
    public static byte[]? Normalize(ReadOnlySpan<byte> body)
    {
        using var json = Parse(body);
        if (json is null || FirstChoice(json.RootElement) is not { } choice || Object(choice, "message") is not { } message
            || HasError(json.RootElement) || HasError(choice))
        {
            return null;
        }

        var content = Text(Property(message, "content"));
        var text = content.Length > 0 ? content : Text(Property(message, "refusal"));
        var calls = Calls(message);
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            id = PayloadJson.Text(Property(json.RootElement, "id")),
            model = PayloadJson.Text(Property(json.RootElement, "model")),
            choices = new[]
            {
                new
                {
                    index = 0,
                    finish_reason = FinishReason(choice) ?? (calls.Length > 0 ? "tool_calls" : "stop"),
                    message = new { role = "assistant", content = text, tool_calls = calls },
                },
            },
            usage = Usage(Property(json.RootElement, "usage")),
        });
    }

    /// <summary>
    /// Returns the error message of the server, or the whole body when it has none at a known place, and the HTTP status in the
    /// body. Some gateways answer every request with 200.
    /// </summary>
    public static (string Message, int? Status) Error(ReadOnlySpan<byte> body)
    {
        using var json = Parse(body);
        if (json is null)
        {
            return (Encoding.UTF8.GetString(body), null);
        }

        var root = json.RootElement;
        var error = Object(root, "error") ?? (FirstChoice(root) is { } choice ? Object(choice, "error") : null) ?? root;
        var status = Status(Property(error, "code")) ?? Status(Property(error, "status"))
            ?? (PayloadJson.Text(Property(error, "type")) == "invalid_request_error" ? 400 : null);
        return (Message(root) ?? root.GetRawText(), status);
    }

    private static JsonDocument? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonDocument.Parse(WellFormedJson.Of(Encoding.UTF8.GetString(body).TrimStart('\uFEFF')), Deep);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement Property(JsonElement element, string name) => PayloadJson.Property(element, name) ?? default;

    private static JsonElement? Object(JsonElement element, string name) =>
        Property(element, name) is { ValueKind: JsonValueKind.Object } found ? found : null;

    private static IEnumerable<JsonElement> Items(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray(),
        JsonValueKind.Undefined or JsonValueKind.Null => [],
        _ => [element],
    };

    private static JsonElement? FirstChoice(JsonElement root) =>
        Items(Property(root, "choices")).Select(choice => (JsonElement?)choice).FirstOrDefault();

    private static bool HasError(JsonElement element) => Message(Property(element, "error")) is not null;

    private static string? FinishReason(JsonElement choice) =>
        Array.Find(FinishReasons, known => known == PayloadJson.Text(Property(choice, "finish_reason")));

    private static string Text(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.String => PayloadJson.Text(content)!,
        JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(Text)),
        JsonValueKind.Object when IsText(content) => Text(Property(content, "text")),
        _ => "",
    };

    // Other parts are reasoning or media.
    private static bool IsText(JsonElement part) => PayloadJson.Text(Property(part, "type")) is null or "text" or "output_text";

    private static object[] Calls(JsonElement message)
    {
        var calls = Items(Property(message, "tool_calls")).ToList();
        return
        [
            .. (calls.Count > 0 ? calls : Items(Property(message, "function_call")))
                .Where(call => call.ValueKind == JsonValueKind.Object)
                .Select((call, index) => Call(Object(call, "function") ?? call, index)),
        ];
    }

    // The client ignores calls without a name and throws on those without an id. The conversation assigns its own ids anyway.
    private static object Call(JsonElement function, int index) => new
    {
        id = $"call_{index}",
        type = "function",
        function = new
        {
            name = PayloadJson.Text(Property(function, "name")) is { } name && !string.IsNullOrWhiteSpace(name) ? name : "_",
            arguments = Arguments(Property(function, "arguments")),
        },
    };

    private static string Arguments(JsonElement arguments)
    {
        var text = arguments.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => "",
            JsonValueKind.String => WellFormedJson.Of(PayloadJson.Text(arguments)!),
            _ => arguments.GetRawText(),
        };
        return string.IsNullOrWhiteSpace(text) ? "{}" : text;
    }

    // Both counts or none, because the client reads a missing one as 0.
    private static object? Usage(JsonElement usage) =>
        Tokens(Property(usage, "prompt_tokens")) is { } input && Tokens(Property(usage, "completion_tokens")) is { } output
            ? new { prompt_tokens = input, completion_tokens = output }
            : null;

    private static int? Tokens(JsonElement count) =>
        count.ValueKind == JsonValueKind.Number && count.TryGetDouble(out var number) && number >= 0
            ? (int)Math.Min(number, int.MaxValue)
            : null;

    private static string? Message(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => PayloadJson.Text(element) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null,
        JsonValueKind.Array => First(element.EnumerateArray().Select(Message)),
        JsonValueKind.Object => First(ErrorMembers.Select(name => Message(Property(element, name)))),
        _ => null,
    };

    private static string? First(IEnumerable<string?> messages) => messages.FirstOrDefault(message => message is not null);

    private static int? Status(JsonElement code)
    {
        var text = code.ValueKind == JsonValueKind.Number ? code.GetRawText() : PayloadJson.Text(code);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and <= 599
            ? status
            : null;
    }
}
