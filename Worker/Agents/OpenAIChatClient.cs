using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using OpenAI;
using OpenAI.Chat;
using AIMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>A model behind the chat-completions protocol, by OpenAI's own client.</summary>
public sealed class OpenAIChatClient : IChatClient
{
    private readonly OpenAIOptions _options;
    private readonly HttpClient _http;
    private readonly ChatClient _client;
    private readonly ChatClientMetadata _metadata;

    public OpenAIChatClient(IOptions<OpenAIOptions> options)
    {
        _options = options.Value;
        // Where the key goes is the operator's to say; a server that redirects does not get to pass it on.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.All })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
        _client = new ChatClient(_options.Model, new ApiKeyCredential(_options.ApiKey?.Reveal() is { Length: > 0 } key ? key : "none"), new OpenAIClientOptions
        {
            Endpoint = _options.BaseUrl,
            NetworkTimeout = _options.Timeout,
            RetryPolicy = new ClientRetryPolicy(_options.MaxRetries),
            Transport = new HttpClientPipelineTransport(_http),
        });
        _metadata = new("openai", _options.BaseUrl, _options.Model);
    }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<AIMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatCompletion completion = await _client.CompleteChatAsync(messages.Select(ToWire), ToWire(options), cancellationToken);
        var contents = new List<AIContent>();
        var text = string.Concat(completion.Content.Select(part => part.Text));
        contents.Add(new TextContent(text.Length > 0 ? text : completion.Refusal ?? ""));
        contents.AddRange(completion.ToolCalls.Select(FromWire));
        return new(new AIMessage(ChatRole.Assistant, contents))
        {
            ResponseId = completion.Id,
            ModelId = completion.Model,
            FinishReason = new Microsoft.Extensions.AI.ChatFinishReason(Name(completion.FinishReason)),
            Usage = completion.Usage is { } usage
                ? new() { InputTokenCount = usage.InputTokenCount, OutputTokenCount = usage.OutputTokenCount }
                : null,
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<AIMessage> messages, ChatOptions? options = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceKey is null && serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose() => _http.Dispose();

    private ChatCompletionOptions ToWire(ChatOptions? options)
    {
        var wire = new ChatCompletionOptions { MaxOutputTokenCount = options?.MaxOutputTokens ?? _options.MaxOutputTokens };
        foreach (var tool in options?.Tools?.OfType<AIFunction>() ?? [])
        {
            wire.Tools.Add(ChatTool.CreateFunctionTool(tool.Name, tool.Description, BinaryData.FromString(tool.JsonSchema.GetRawText())));
        }

        return wire;
    }

    private static OpenAI.Chat.ChatMessage ToWire(AIMessage message)
    {
        if (message.Role == ChatRole.System)
        {
            return new SystemChatMessage(message.Text);
        }

        if (message.Role == ChatRole.Tool)
        {
            var result = message.Contents.OfType<FunctionResultContent>().Single();
            return new ToolChatMessage(result.CallId, result.Result?.ToString() ?? "");
        }

        if (message.Role != ChatRole.Assistant)
        {
            return new UserChatMessage(message.Text);
        }

        var calls = message.Contents.OfType<FunctionCallContent>().Select(call => ChatToolCall.CreateFunctionToolCall(
            call.CallId, call.Name, BinaryData.FromString(JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(StringComparer.Ordinal))))).ToList();
        if (calls.Count == 0)
        {
            return new AssistantChatMessage(message.Text);
        }

        var said = new AssistantChatMessage(calls);
        if (message.Text.Length > 0)
        {
            said.Content.Add(ChatMessageContentPart.CreateTextPart(message.Text));
        }

        return said;
    }

    // What is no JSON object stays without arguments: the caller sees the exception and can tell the model.
    private static FunctionCallContent FromWire(ChatToolCall call)
    {
        try
        {
            var arguments = call.FunctionArguments?.ToString();
            return new(call.Id ?? "", call.FunctionName ?? "", string.IsNullOrWhiteSpace(arguments)
                ? new Dictionary<string, object?>(StringComparer.Ordinal)
                : JsonSerializer.Deserialize<Dictionary<string, object?>>(arguments)
                    ?? throw new JsonException("The arguments are null."));
        }
        catch (JsonException exception)
        {
            return new(call.Id ?? "", call.FunctionName ?? "") { Exception = exception };
        }
    }

    private static string Name(OpenAI.Chat.ChatFinishReason reason) => reason switch
    {
        OpenAI.Chat.ChatFinishReason.ToolCalls or OpenAI.Chat.ChatFinishReason.FunctionCall => "tool_calls",
        OpenAI.Chat.ChatFinishReason.ContentFilter => "content_filter",
        _ => reason.ToString().ToLowerInvariant(),
    };
}
