using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Tests.Unit.Signing;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class RedactedJsonTests
{
    private const string Configured = "configured/secret+1";
    private const string Number = "4815162342";

    private static readonly string GitHub = $"ghp_{new string('k', 36)}";
    private static readonly string[] Planted = [Configured, GitHub, "planted-value-0"];

    private static readonly Redactor Redactor = new([Configured, Number]);

    private static readonly string[] Pieces =
    [
        Configured, GitHub, "token", ": ", "=", "Bearer ", "authorization", "://", "@", "://user:planted-value-0@", "\"", "'",
        "\\", "\n", "{", "}", "[", "]", ",", "sk-", "eyJ", "-----BEGIN PRIVATE KEY-----", "é", "😀", "\u0001", "<", "&", "+",
        "null", "***redacted***",
    ];

    private static readonly string[] Names = [
        "note", "token", "api_key", "name", "value", "url", "count", "datadog_key", Configured, "a\"b", ""];

    private static readonly JavaScriptEncoder[] Encoders = [
        JavaScriptEncoder.Default, JavaScriptEncoder.UnsafeRelaxedJsonEscaping];

    [Theory]
    [InlineData("""{"token":null,"user":"bob"}""", """{"token":null,"user":"bob"}""")]
    [InlineData("""{"token":true,"user":"bob"}""", """{"token":true,"user":"bob"}""")]
    [InlineData("""{"token":"","user":"bob"}""", """{"token":"","user":"bob"}""")]
    [InlineData("""{"token":12345,"user":"bob"}""", """{"token":"***redacted***","user":"bob"}""")]
    [InlineData("""{"token":["a","b"],"user":["bob"]}""", """{"token":["***redacted***","***redacted***"],"user":["bob"]}""")]
    [InlineData("""{"token":{"id":5,"value":"a"},"value":"b"}""", """{"token":{"id":5,"value":"***redacted***"},"value":"b"}""")]
    [InlineData("""[{"name":"DB_PASSWORD","value":"a"},{"name":"DB_HOST","value":"b"}]""", """[{"name":"DB_PASSWORD","value":"***redacted***"},{"name":"DB_HOST","value":"b"}]""")]
    [InlineData("""{ "note": "my token: abc", "user": "bob" }""", """{ "note": "my token: ***redacted***", "user": "bob" }""")]
    [InlineData("""{"url":"https://h/p?token=abc&x=1","user":"bob"}""", """{"url":"https://h/p?token=***redacted***&x=1","user":"bob"}""")]
    [InlineData("""{"id":4815162342,"n":1}""", """{"id":"***redacted***","n":1}""")]
    [InlineData("""{"a":"\nconfigured/secret+1"}""", """{"a":"\n***redacted***"}""")]
    [InlineData("""{"a":"configured\/secret\u002b1"}""", """{"a":"***redacted***"}""")]
    [InlineData("""{"configured/secret+1":1}""", """{"***redacted***":1}""")]
    [InlineData("""{"log":"{\"token\":null,\"note\":\"token: abc\",\"n\":1}"}""", """{"log":"{\"token\":null,\"note\":\"token: ***redacted***\",\"n\":1}"}""")]
    [InlineData("""{"half":"\ud83d token: abc","n":1}""", """{"half":"\ud83d token: ***redacted***","n":1}""")]
    [InlineData(
        """{"half":"\ud83d to\u006ben: abc","n":1}""", """{"half":"\ud83d to\u006ben: ***redacted***","n":1}""")]
    [InlineData("""{"half":"\ud83d","token":"abc"}""", """{"half":"\ud83d","token":"***redacted***"}""")]
    public void Only_the_credential_goes(string json, string expected) => Assert.Equal(expected, Redactor.Redact(json));

    [Theory]
    [InlineData("""{"token":null,"access_tokens_url":"https://api.example.com/{token}","secret_type":"aws"}""")]
    [InlineData("""{"permissions":{"secrets":"read","secret_scanning_alerts":"read"},"usage":{"max_tokens":100,"prompt_tokens":5}}""")]
    [InlineData("""{"sha":"6dcb09b5b57875f334f61aebed695e2e4193db5e","id":"01980f3a-7c1e-7b2a-9d3f-0123456789ab","node_id":"MDEwOlJlcG9zaXRvcnkxMjk2MjY5"}""")]
    public void What_only_sounds_like_one_stays_the_same_instance(string json) => Assert.Same(json, Redactor.Redact(json));

    [Theory]
    [InlineData("""{"token":null,"user":{"name":"bo""", """{"token":null,"user":{"name":"bo""")]
    [InlineData("""{"user":"bob","token":"abc""", """{"user":"bob","token":"***redacted***""")]
    [InlineData("""{"user":"bob","token" : "abc""", """{"user":"bob","token" : "***redacted***""")]
    [InlineData("""{"token":["abc","de""", """{"token":["***redacted***","***redacted***""")]
    [InlineData("""{"token":"abc","no""", """{"token":"***redacted***","no""")]
    [InlineData("""{"token":["ab""", """{"token":["***redacted***""")]
    [InlineData("""{"token":"abc","note":"token: def""", """{"token":"***redacted***","note":"token: ***redacted***""")]
    [InlineData("""{"token":"abc","n":12""", """{"token":"***redacted***","n":12""")]
    [InlineData("""{"token":"abc","n":tr""", """{"token":"***redacted***","n":tr""")]
    public void Json_that_was_cut_off_is_redacted_field_by_field_too(string json, string expected) =>
        Assert.Equal(expected, Redactor.Redact(json));

    [Theory]
    [InlineData("[12:30] token: abc", "[12:30] token: ***redacted***")]
    [InlineData("{placeholder} token: abc", "{placeholder} token: ***redacted***")]
    [InlineData("\"quoted\" token: abc and \"more\"", "\"quoted\" token: ***redacted*** and \"more\"")]
    [InlineData("""{"a":1} token: abc""", """{"a":1} token: ***redacted***""")]
    [InlineData("""{"a":"b","token: abc""", """{"a":"b","token: ***redacted***""")]
    public void What_only_begins_like_json_is_redacted_like_text(string text, string expected) =>
        Assert.Equal(expected, Redactor.Redact(text));

    [Fact]
    public void Whatever_json_it_is_it_stays_json_of_the_same_form_without_a_credential() => Fuzz.Try(
        random =>
        {
            var node = new JsonObject { ["first"] = Value(random, 3), ["second"] = Value(random, 3) };
            var json = node.ToJsonString(
                new JsonSerializerOptions { Encoder = Encoders[random.Next(2)], WriteIndented = random.Next(2) == 0 });

            var redacted = Redactor.Redact(json);

            var after = JsonNode.Parse(redacted, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = true })!;
            Assert.Equal(Form(node), Form(after));
            Assert.All(Planted, secret => Assert.DoesNotContain(secret, redacted, StringComparison.Ordinal));
            // Once, a credential may turn out to be longer: what ended it was part of another.
            var again = Redactor.Redact(redacted);
            Assert.Equal(again, Redactor.Redact(again));
        },
        rounds: 5_000);

    // Lists hold anything, objects too; strings may be JSON again.
    private static JsonNode Value(Random random, int depth) => random.Next(depth > 0 ? 6 : 3) switch
    {
        0 => JsonValue.Create(random.Next(3) == 0 ? long.Parse(Number) : random.Next()),
        1 or 2 => JsonValue.Create(Fuzz.Text(random, 12, Pieces))!,
        3 => JsonValue.Create(Value(random, depth - 1).ToJsonString())!,
        4 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(5))
            .Select(_ => Names[random.Next(Names.Length)]).Distinct(StringComparer.Ordinal)
            .Select(name => KeyValuePair.Create(name, (JsonNode?)Value(random, depth - 1)))),
    };

    // What is nested in what. A number may have become a string.
    private static string Form(JsonNode? node)
    {
        var form = new StringBuilder();
        switch (node)
        {
            case JsonObject fields:
                form.Append('{').AppendJoin(',', fields.Select(field => Form(field.Value))).Append('}');
                break;
            case JsonArray items:
                form.Append('[').AppendJoin(',', items.Select(Form)).Append(']');
                break;
            default:
                form.Append('.');
                break;
        }

        return form.ToString();
    }
}
