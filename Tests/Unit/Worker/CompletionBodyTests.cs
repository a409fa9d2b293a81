using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Webhooks.Worker.Agents;
using Microsoft.Extensions.AI;
using OpenAI.Chat;

namespace Aspire.Webhooks.Tests.Unit.Worker;

/// <summary>What is handed on of a completion: read by OpenAI's own client, which has to take all of it.</summary>
public sealed class CompletionBodyTests
{
    private const string Whole = """
        {"id":"chatcmpl-1","object":"chat.completion","created":1790000000,"model":"m-2026","service_tier":"default",
         "system_fingerprint":"fp","choices":[{"index":0,"finish_reason":"tool_calls","logprobs":{"content":[],"refusal":[]},
         "message":{"role":"assistant","content":"Text.","refusal":null,"reasoning_content":"hm","annotations":[],"audio":null,
         "function_call":{"name":"old","arguments":"{}"},"tool_calls":[{"id":"call_9","type":"function","function":{"name":"read_event","arguments":"{\"pointer\":\"\"}"}}]}}],
         "usage":{"prompt_tokens":15,"completion_tokens":5,"total_tokens":20,"prompt_tokens_details":{"cached_tokens":3}}}
        """;

    private static readonly string[] OddValues =
    [
        "null", "true", "0", "-1", "1.5", "1e300", "99999999999999999999", "\"\"", "\" \"", "\"eos\"", "\"\\ud83d\"",
        "[]", "[null]", "[1]", "[[]]", "{}", "{\"a\":1}", "{\"\\ud83d\":null}",
    ];

    [Fact]
    public void A_completion_as_OpenAI_writes_it_keeps_its_text_calls_reason_usage_model_and_id()
    {
        var response = Read(Whole)!;

        Assert.Equal(
            ("chatcmpl-1", "m-2026", "tool_calls", "Text."),
            (response.ResponseId, response.ModelId, response.FinishReason?.Value, response.Text));
        var call = Assert.Single(response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>());
        Assert.Equal(("read_event", ""), (call.Name, call.Arguments!["pointer"]!.ToString()));
        Assert.Equal((15, 5), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount));
    }

    [Theory]
    [InlineData("""{"content":"Text."}""", "Text.")]
    [InlineData("""{"content":null}""", "")]
    [InlineData("{}", "")]
    [InlineData("""{"content":["Te",{"text":"xt"},{"type":"output_text","text":"."},{"type":"image_url"},null,7]}""", "Text.")]
    [InlineData(
        """
        {"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"reasoning","text":"hm"},
          {"type":"text","text":"Text."}]}
        """,
        "Text.")]
    [InlineData("""{"content":"","refusal":"I cannot."}""", "I cannot.")]
    [InlineData("""{"content":"a\ud83d"}""", "a\uFFFD")]
    [InlineData("""{"content":"\ude00\ud83d\ude00\ud83d\\ud83d\\\ud83d"}""", "\uFFFD😀\uFFFD\\ud83d\\\uFFFD")]
    [InlineData("""{"content":"\uD83Dx\uDE00"}""", "\uFFFDx\uFFFD")]
    public void Text_is_read_wherever_it_stands(string message, string text) =>
        Assert.Equal(text, Read($$"""{"choices":[{"message":{{message}}}]}""")!.Text);

    [Theory]
    [InlineData("""{"name":"f","arguments":"{\"a\":1}"}""", """f {"a":1}""")]
    [InlineData("""{"name":"f","arguments":{"a":1}}""", """f {"a":1}""")]
    [InlineData("""{"name":"f","arguments":null}""", "f {}")]
    [InlineData("""{"name":"f","arguments":" "}""", "f {}")]
    [InlineData("""{"name":"f"}""", "f {}")]
    [InlineData("""{"name":"","arguments":"{}"}""", "_ {}")]
    [InlineData("""{"arguments":"{}"}""", "_ {}")]
    [InlineData("""{"name":"f","arguments":[1]}""", "f -")]
    [InlineData("""{"name":"f","arguments":"no JSON"}""", "f -")]
    [InlineData("""{"name":"f","arguments":"null"}""", "f -")]
    public void A_call_is_read_wherever_it_stands(string function, string call)
    {
        foreach (var message in new[]
        {
            $$"""{"tool_calls":[{"id":"1","type":"function","function":{{function}}}]}""",
            $$"""{"tool_calls":[{"function":{{function}}},null]}""",
            $$"""{"tool_calls":[{{function}}]}""",
            $$"""{"tool_calls":{"id":7,"type":"odd","function":{{function}} } }""",
            $$"""{"function_call":{{function}}}""",
        })
        {
            var response = Read($$"""{"choices":[{"message":{{message}},"finish_reason":"odd"}]}""")!;
            var read = Assert.Single(response.Messages.SelectMany(each => each.Contents).OfType<FunctionCallContent>());
            Assert.Equal(call, $"{read.Name} {(read.Arguments is null ? "-" : JsonSerializer.Serialize(read.Arguments))}");
            Assert.Equal("tool_calls", response.FinishReason?.Value);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("<html></html>")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":[null]}""")]
    [InlineData("""{"choices":[{"message":null}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"Text."}}],"error":"Overloaded."}""")]
    [InlineData("""{"choices":[{"message":{"content":"Text."},"error":{"message":"Overloaded."}}]}""")]
    public void A_body_without_a_completion_or_with_an_error_has_none(string body) => Assert.Null(Read(body));

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("{}")]
    [InlineData("false")]
    public void An_error_that_says_nothing_is_none(string error)
    {
        var body = $$"""{"choices":[{"message":{"content":"Text."},"error":{{error}} }],"error":{{error}} }""";
        Assert.Equal("Text.", Read(body)!.Text);
    }

    [Theory]
    [InlineData("""{"error":{"message":"Why.","code":"context_length_exceeded","type":"invalid_request_error"}}""", "Why.", 400)]
    [InlineData("""{"error":{"message":"Why.","code":429}}""", "Why.", 429)]
    [InlineData("""{"error":{"message":"Why.","code":"503"}}""", "Why.", 503)]
    [InlineData("""{"error":{"message":"Why.","code":200,"status":"NOT_FOUND"}}""", "Why.", null)]
    [InlineData("""{"error":"Why."}""", "Why.", null)]
    [InlineData("""{"object":"error","message":"Why.","code":400}""", "Why.", 400)]
    [InlineData("""{"detail":"Why."}""", "Why.", null)]
    [InlineData("""{"errors":[{"message":"Why."}],"success":false}""", "Why.", null)]
    [InlineData("""[{"error":{"code":400,"message":"Why."}}]""", "Why.", null)]
    [InlineData("""{"choices":[{"error":{"code":502,"message":"Why."}}]}""", "Why.", 502)]
    [InlineData("""{"error":{"message":"Why\ud83d"}}""", "Why\uFFFD", null)]
    [InlineData("""{"a":1}""", """{"a":1}""", null)]
    [InlineData("Why.", "Why.", null)]
    public void An_error_is_read_wherever_it_stands(string body, string words, int? status) =>
        Assert.Equal((words, status), CompletionBody.Error(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Whatever_stands_in_the_place_of_any_value_the_client_can_read_what_is_handed_on()
    {
        Assert.All(Places(JsonNode.Parse(Whole)!), place =>
        {
            foreach (var odd in OddValues)
            {
                var body = Replaced(place, odd);
                try
                {
                    _ = Read(body);
                    _ = CompletionBody.Error(Encoding.UTF8.GetBytes(body));
                }
                catch (Exception exception)
                {
                    Assert.Fail($"{place} = {odd}: {exception}");
                }
            }
        });
    }

    [Fact]
    public void Wherever_a_body_is_cut_or_broken_there_is_a_completion_or_none()
    {
        var whole = Encoding.UTF8.GetBytes(Whole);
        for (var at = 0; at < whole.Length; at++)
        {
            _ = Read(whole[..at]);
            _ = CompletionBody.Error(whole.AsSpan(0, at));
            byte[] broken = [.. whole];
            broken[at] = 0xFF;
            _ = Read(broken);
        }
    }

    private static ChatResponse? Read(string body) => Read(Encoding.UTF8.GetBytes(body));

    // The adapter's own reading, which it marks as experimental.
#pragma warning disable OPENAI001
    private static ChatResponse? Read(byte[] body) => CompletionBody.Normalize(body) is { } completion
        ? ModelReaderWriter.Read<ChatCompletion>(BinaryData.FromBytes(completion))!.AsChatResponse()
        : null;
#pragma warning restore OPENAI001

    // All members and items, as indexes from the root.
    private static IEnumerable<string> Places(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Places(member.Value).Prepend($"{members.GetPath()}.{member.Key}")),
        JsonArray items => items.SelectMany(item => Places(item).Prepend(item!.GetPath())),
        _ => [],
    };

    private static string Replaced(string place, string odd)
    {
        const string Mark = "\"the odd value\"";
        var root = JsonNode.Parse(Whole)!;
        var node = root;
        var steps = place.Split('.', '[').Skip(1).Select(step => step.TrimEnd(']')).ToArray();
        foreach (var step in steps[..^1])
        {
            node = node is JsonArray items ? items[int.Parse(step)]! : node[step]!;
        }

        if (node is JsonArray last)
        {
            last[int.Parse(steps[^1])] = JsonNode.Parse(Mark);
        }
        else
        {
            node[steps[^1]] = JsonNode.Parse(Mark);
        }

        return root.ToJsonString().Replace(Mark, odd, StringComparison.Ordinal);
    }
}
