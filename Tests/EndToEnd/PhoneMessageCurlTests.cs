using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>Phone messages as scripts send and read them: bash with curl and openssl.</summary>
public sealed class PhoneMessageCurlTests(TestStack stack) : IAsyncLifetime
{
    private const string Ok = """{"status":"ok"}""";

    private const string Sign = """
        SECRET="testsecret"  # Use your WEBHOOK_SECRET from docker-compose.yml
        PAYLOAD='{"message_id":"msg_001","from":"+14155552671","to":"+14155552672","ts":"2025-12-07T10:30:00Z","text":"Hello, World!"}'
        SIGNATURE=$(echo -n "$PAYLOAD" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/^.* //')

        """;

    private const string SignAnother = """
        # Generate HMAC signature
        SECRET="mysecret123"
        PAYLOAD='{"message_id":"msg_123","from":"+14155552671","to":"+14155552672","ts":"2025-12-07T10:30:00Z","text":"Hello"}'
        SIGNATURE=$(echo -n "$PAYLOAD" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/^.* //')

        """;

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder =
        System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private CurlReceiver _receiver = null!;

    private string Send => $"""
        curl -X POST http://localhost:{_receiver.Port}/webhook \
          -H "Content-Type: application/json" \
          -H "X-Signature: $SIGNATURE" \
          -d "$PAYLOAD"

        """;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Shell.Available, Shell.Reason);
        _receiver = await CurlReceiver.StartAsync(stack, await stack.NewDatabaseAsync());
    }

    public ValueTask DisposeAsync() => _receiver?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task A_message_is_answered_ok_new_or_duplicate_and_listed_once()
    {
        Assert.Equal($"{Ok}\n200", await Shell.RunAsync(Sign + Send));
        Assert.Equal($"{Ok}\n200", await Shell.RunAsync(Sign + Send));

        var list = await GetAsync($"curl http://localhost:{_receiver.Port}/messages | jq");
        var message = Assert.Single(list.GetProperty("data").EnumerateArray());
        Assert.Equal(1, list.GetProperty("total").GetInt32());
        Assert.Equal(
            "msg_001 +14155552671 +14155552672 2025-12-07T10:30:00Z Hello, World!",
            string.Join(
                ' ', new[] { "message_id", "from_msisdn", "to_msisdn", "ts", "text" }.Select(
                    name => message.GetProperty(name).GetString())));
    }

    [Fact]
    public async Task The_message_of_the_section_on_testing_is_answered_ok() =>
        Assert.Equal($"{Ok}\n200", await Shell.RunAsync(SignAnother + Send));

    [Theory]
    [InlineData("SIGNATURE=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("SIGNATURE=nonsense")]
    [InlineData("SIGNATURE=")]
    [InlineData("PAYLOAD=\"${PAYLOAD/World/Earth}\"")]
    [InlineData("PAYLOAD=\"$PAYLOAD \"")]
    public async Task An_invalid_signature_is_answered_401(string change)
    {
        Assert.Equal("{\"detail\":\"invalid signature\"}\n401", await Shell.RunAsync($"{Sign}{change}\n{Send}"));
        Assert.Equal(0, await Sql.CountAsync(_receiver.Database, "webhooks.messages_inbox"));
    }

    [Fact]
    public async Task A_missing_signature_is_answered_401() => Assert.Equal(
        "{\"detail\":\"invalid signature\"}\n401",
        await Shell.RunAsync(Sign + Send.Replace("""  -H "X-Signature: $SIGNATURE" \""" + "\n", "", StringComparison.Ordinal)));

    [Theory]
    [InlineData("""s/"+14155552671"/"14155552671"/""", "from")]
    [InlineData("""s/"to":"+1/"to":"+0/""", "to")]
    [InlineData("""s/"2025-12-07T10:30:00Z"/"yesterday"/""", "ts")]
    [InlineData("""s/"msg_001"/""/""", "message_id")]
    [InlineData("""s/"Hello, World!"/7/""", "text")]
    public async Task A_validation_error_is_answered_422(string edit, string field)
    {
        var change = Sign.Replace(
            "SIGNATURE=", $"PAYLOAD=$(echo -n \"$PAYLOAD\" | sed '{edit}')\nSIGNATURE=", StringComparison.Ordinal);

        var answer = (await Shell.RunAsync(change + Send)).Split('\n');

        Assert.Equal("422", answer[^1]);
        Assert.Equal(
            [field], JsonElement.Parse(answer[0]).GetProperty("errors").EnumerateObject().Select(error => error.Name),
            StringComparer.Ordinal);
        Assert.Equal(0, await Sql.CountAsync(_receiver.Database, "webhooks.inbound_events"));
    }

    [Fact]
    public async Task A_body_that_is_no_JSON_is_answered_422()
    {
        var answer = await Shell.RunAsync(Sign.Replace("'{\"message_id\"", "'{message_id", StringComparison.Ordinal) + Send);

        Assert.EndsWith("\n422", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lists_pages_and_filters_are_those_of_the_document()
    {
        await Shell.RunAsync(Sign + Send);
        await Shell.RunAsync(SignAnother + Send);
        var at = $"http://localhost:{_receiver.Port}";

        Assert.Equal((2, 2), await CountAsync($"curl \"{at}/messages?limit=10&offset=0\" | jq"));
        Assert.Equal((2, 0), await CountAsync($"curl \"{at}/messages?limit=10&offset=10\" | jq"));
        Assert.Equal((2, 2), await CountAsync($"curl \"{at}/messages?from=%2B14155552671\" | jq"));
        Assert.Equal((2, 2), await CountAsync($"curl \"{at}/messages?since=2025-12-07T10:00:00Z\" | jq"));
        Assert.Equal((2, 2), await CountAsync($"curl \"{at}/messages?q=Hello\" | jq"));
        Assert.Equal(
            (2, 2), await CountAsync($"curl \"{at}/messages?from=%2B14155552671&since=2025-12-07T10:00:00Z&limit=5\" | jq"));
        Assert.Equal((1, 1), await CountAsync($"curl \"{at}/messages?q=world\" | jq"));
    }

    [Fact]
    public async Task The_stats_have_the_document_s_shape()
    {
        await Shell.RunAsync(Sign + Send);
        await Shell.RunAsync(SignAnother + Send);

        var stats = await GetAsync($"curl http://localhost:{_receiver.Port}/stats | jq");

        Assert.Equal(
            """{"total_messages":2,"senders_count":1,"messages_per_sender":[{"from_msisdn":"+14155552671","count":2}],"first_message_ts":"2025-12-07T10:30:00Z","last_message_ts":"2025-12-07T10:30:00Z"}""",
            JsonSerializer.Serialize(stats, Relaxed));
    }

    [Fact]
    public async Task The_health_checks_answer_as_the_document_says()
    {
        Assert.Equal("{\"status\":\"alive\"}\n200", await Shell.RunAsync($"curl http://localhost:{_receiver.Port}/health/live"));
        Assert.Equal("{\"status\":\"ready\"}\n200", await Shell.RunAsync($"curl http://localhost:{_receiver.Port}/health/ready"));
    }

    private static async Task<(int Total, int Shown)> CountAsync(string line)
    {
        var list = await GetAsync(line);
        return (list.GetProperty("total").GetInt32(), list.GetProperty("data").GetArrayLength());
    }

    // The status is the last line; jq may have spread the JSON over those before it.
    private static async Task<JsonElement> GetAsync(string line)
    {
        var output = await Shell.RunAsync(line);
        Assert.EndsWith("\n200", output, StringComparison.Ordinal);
        return JsonElement.Parse(output[..^4]);
    }
}
