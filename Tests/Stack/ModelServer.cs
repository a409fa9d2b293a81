using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>What a model is asked: the body of a request for a chat completion.</summary>
public sealed record ModelRequest(JsonElement Body, string? Authorization)
{
    public IReadOnlyList<JsonElement> Messages => [.. Body.GetProperty("messages").EnumerateArray()];

    public IReadOnlyList<string> Tools => Body.TryGetProperty("tools", out var tools)
        ? [.. tools.EnumerateArray().Select(tool => tool.GetProperty("function").GetProperty("name").GetString()!)]
        : [];

    /// <summary>All that the model is told, in order.</summary>
    public string Text => string.Join('\n', Messages.Select(ContentOf));

    /// <summary>What the tools brought so far.</summary>
    public IReadOnlyList<string> Results => [.. Messages.Where(message => RoleOf(message) == "tool").Select(ContentOf)];

    public string Said(string role) => string.Join('\n', Messages.Where(message => RoleOf(message) == role).Select(ContentOf));

    private static string RoleOf(JsonElement message) => message.GetProperty("role").GetString()!;

    private static string ContentOf(JsonElement message) => !message.TryGetProperty("content", out var content) ? ""
        : content.ValueKind == JsonValueKind.Array ? string.Concat(
            content.EnumerateArray().Select(part => part.GetProperty("text").GetString()))
        : content.GetString() ?? "";
}

/// <summary>What a model answers: text, tool calls (name and arguments, as it writes them), or an HTTP status.</summary>
public sealed record ModelAnswer(string? Text, params (string Name, string Arguments)[] Calls)
{
    public int Status { get; init; } = 200;

    /// <summary>The answer's whole body as the server writes it, where it is to be odd.</summary>
    public string? Body { get; init; }

    /// <summary>The answer's Retry-After.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>The answer's message as the server writes it, where it is to be odd.</summary>
    public string? Message { get; init; }

    /// <summary>Why the answer ends, as the server writes it; null for the usual.</summary>
    public string? FinishReason { get; init; }

    /// <summary>What the answer says that it used, in all; null for a server that does not count.</summary>
    public int? Tokens { get; init; } = 20;

    public static ModelAnswer Call(string name, object arguments) => new(null, (name, JsonSerializer.Serialize(arguments)));

    public static implicit operator ModelAnswer(string text) => new(text);
}

/// <summary>
/// A server on loopback that speaks the chat-completions protocol, as strictly as OpenAI's: it refuses a conversation in
/// which a tool call has no result, a result no call, or a function a name that none can have. What it says is the test's.
/// </summary>
public sealed partial class ModelServer : IAsyncDisposable
{
    public const string Key = "sk-test-0123456789abcdefghijklmnop";

    private readonly WebApplication _app;
    private Func<ModelRequest, CancellationToken, Task<ModelAnswer>> _answer;
    private readonly ConcurrentQueue<ModelRequest> _requests = [];

    private ModelServer(Func<ModelRequest, CancellationToken, Task<ModelAnswer>> answer)
    {
        _answer = answer;
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPost("/v1/chat/completions", (Delegate)CompleteAsync);
    }

    /// <summary>The base URL, as clients of the protocol are given it.</summary>
    public Uri Url { get; private set; } = null!;

    public IReadOnlyCollection<ModelRequest> Requests => _requests;

    /// <summary>What a Worker is configured with to use it.</summary>
    public (string Key, string Value)[] Settings =>
        [("Webhooks:OpenAI:BaseUrl", Url.AbsoluteUri), ("Webhooks:OpenAI:Model", "scripted"), ("Webhooks:OpenAI:ApiKey", Key)];

    public static Task<ModelServer> StartAsync(Func<ModelRequest, ModelAnswer> answer) =>
        StartAsync((request, _) => Task.FromResult(answer(request)));

    public static async Task<ModelServer> StartAsync(Func<ModelRequest, CancellationToken, Task<ModelAnswer>> answer)
    {
        var server = new ModelServer(answer);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        var addresses = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        server.Url = new Uri(new Uri(addresses.Single()), "/v1");
        return server;
    }

    /// <summary>
    /// Gives these answers in turn, by how many answers the conversation has; then the last one again and again.
    /// </summary>
    public static Task<ModelServer> StartAsync(params ModelAnswer[] answers) => StartAsync(InTurn(answers));

    /// <summary>These answers in turn, as <see cref="StartAsync(ModelAnswer[])"/> gives them.</summary>
    public static Func<ModelRequest, ModelAnswer> InTurn(params ModelAnswer[] answers) => request =>
        answers[Math.Min(
            request.Messages.Count(message => message.GetProperty("role").GetString() == "assistant"), answers.Length - 1)];

    /// <summary>Gives other answers from now on, and forgets the requests.</summary>
    public void Answer(Func<ModelRequest, ModelAnswer> answer)
    {
        _answer = (request, _) => Task.FromResult(answer(request));
        _requests.Clear();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> CompleteAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var request = new ModelRequest(body.RootElement.Clone(), context.Request.Headers.Authorization);
        if (Problem(request) is { } problem)
        {
            return Results.Json(new { error = new { message = problem, type = "invalid_request_error" } }, statusCode: 400);
        }

        _requests.Enqueue(request);
        var answer = await _answer(request, context.RequestAborted);
        if (answer.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = wait;
        }

        if (answer.Body is { } written)
        {
            return Results.Text(written, "application/json", statusCode: answer.Status);
        }

        return answer.Status == 200
            ? Results.Json(Completion(answer))
            : Results.Json(
                new { error = new { message = answer.Text ?? "The model is not to be had.", type = "server_error" } },
                statusCode: answer.Status);
    }

    private static string? Problem(ModelRequest request)
    {
        var open = new HashSet<string>(StringComparer.Ordinal);
        foreach (var message in request.Messages)
        {
            if (message.GetProperty("role").GetString() == "tool")
            {
                if (!open.Remove(message.GetProperty("tool_call_id").GetString()!))
                {
                    return "A tool message answers no call.";
                }
            }
            else if (open.Count > 0)
            {
                return "A tool call has no answer.";
            }

            if (message.TryGetProperty("tool_calls", out var calls))
            {
                if (calls.EnumerateArray()
                    .Any(call => !FunctionName().IsMatch(call.GetProperty("function").GetProperty("name").GetString()!)))
                {
                    return "A function's name does not match '^[a-zA-Z0-9_-]{1,64}$'.";
                }

                open.UnionWith(calls.EnumerateArray().Select(call => call.GetProperty("id").GetString()!));
            }
        }

        return open.Count > 0 ? "A tool call has no answer." : null;
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9_-]{1,64}\z", RegexOptions.None, 1000)]
    private static partial Regex FunctionName();

    private static JsonObject Completion(ModelAnswer answer)
    {
        var message = answer.Message is { } written
            ? JsonNode.Parse(written)!.AsObject()
            : new JsonObject { ["role"] = "assistant", ["content"] = answer.Text };
        if (answer.Calls.Length > 0)
        {
            message["tool_calls"] = new JsonArray([.. answer.Calls.Select((call, index) => new JsonObject
            {
                // As some models count: the same ids in every answer.
                ["id"] = $"call_{index}",
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
            })]);
        }

        var completion = new JsonObject
        {
            ["id"] = "chatcmpl-1",
            ["object"] = "chat.completion",
            ["created"] = 1_790_000_000,
            ["model"] = "scripted-2026",
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0, ["finish_reason"] = answer.FinishReason ?? (answer.Calls.Length > 0 ? "tool_calls" : "stop"),
                ["message"] = message,
            }),
        };
        if (answer.Tokens is { } tokens)
        {
            completion[
                "usage"] = new JsonObject { ["prompt_tokens"] = tokens - (tokens / 4), ["completion_tokens"] = tokens / 4,
                ["total_tokens"] = tokens };
        }

        return completion;
    }
}
