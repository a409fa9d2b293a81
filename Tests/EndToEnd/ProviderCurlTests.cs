using System.Security.Cryptography;
using System.Text;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>A provider's script: raw bytes without a Content-Type, as python-requests sends them.</summary>
public sealed class ProviderCurlTests(TestStack stack) : IAsyncLifetime
{
    private const string Body = """{"type":"user.created","data":{"id":"u_123","email":"user@example.com"}}""";
    private const string Queued = """{"ok":true,"queued":true}""";
    private const string Duplicate = """{"ok":true,"duplicate":true}""";

    private CurlReceiver _receiver = null!;
    private HttpClient _client = null!;

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    public async ValueTask InitializeAsync()
    {
        _receiver = await CurlReceiver.StartAsync(stack, await stack.NewDatabaseAsync());
        _client = _receiver.NewClient();
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await (_receiver?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public async Task The_first_is_queued_and_the_second_a_duplicate_and_one_is_processed()
    {
        await using var worker = await Services.WorkerAsync(
            _receiver.Database, await stack.RedisAsync(), ("Webhooks:Jobs:Event:Poll", "00:00:00.1"));

        Assert.Equal((200, Queued), await SendAsync(Signed()));
        Assert.Equal((200, Duplicate), await SendAsync(Signed()));

        await Eventually.HoldsAsync("the event is processed", async () =>
            await Sql.CountAsync(
                _receiver.Database, "webhooks.jobs where kind = 'event' and finished_at is not null and attempt = 1") == 1);
        Assert.Equal(1, await Sql.CountAsync(_receiver.Database, "webhooks.jobs where kind = 'event'"));
    }

    [Fact]
    public async Task The_same_lines_in_bash_print_the_same()
    {
        Assert.SkipUnless(Shell.Available, Shell.Reason);
        var lines = $$"""
            raw='{{Body}}'
            timestamp=$(date +%s)
            sig=$(printf '%s.%s' "$timestamp" "$raw" | openssl dgst -sha256 -hmac '{{CurlReceiver.ProviderSecret}}' | sed 's/^.* //')
            for time in 1 2; do
              curl -X POST http://127.0.0.1:{{_receiver.Port}}/webhooks/provider -H 'Content-Type:' \
                -H "X-Webhook-Timestamp: $timestamp" -H "X-Webhook-Signature: $sig" -H 'X-Event-Id: evt_001' --data-binary "$raw"
            done
            """;

        Assert.Equal($"{Queued}\n200\n{Duplicate}\n200", await Shell.RunAsync(lines));
    }

    [Theory]
    [InlineData("X-Webhook-Timestamp")]
    [InlineData("X-Webhook-Signature")]
    [InlineData("X-Event-Id")]
    public async Task A_missing_header_is_answered_400(string header)
    {
        var headers = Signed();
        headers.Remove(header);
        await RefusedAsync(400, "Missing required headers", headers);

        headers[header] = "";
        await RefusedAsync(400, "Missing required headers", headers);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("1.5")]
    [InlineData("0x10")]
    public Task A_timestamp_that_is_no_whole_number_is_answered_400(string timestamp) =>
        RefusedAsync(400, "Invalid timestamp", Signed(timestamp));

    [Theory]
    [InlineData(-330)]
    [InlineData(330)]
    [InlineData(-100_000_000)]
    public Task A_timestamp_beyond_five_minutes_is_answered_400(long seconds) =>
        RefusedAsync(400, "Stale timestamp", Signed($"{Now + seconds}"));

    [Fact]
    public async Task A_wrong_signature_is_answered_401()
    {
        await RefusedAsync(401, "Invalid signature", Signed(secret: "another"));
        await RefusedAsync(401, "Invalid signature", Signed(), Body + " ");
        await RefusedAsync(401, "Invalid signature", With(Signed(), "X-Webhook-Signature", "nonsense"));
        await RefusedAsync(401, "Invalid signature", With(Signed(), "X-Webhook-Timestamp", $"{Now - 60}"));
    }

    [Fact]
    public async Task A_signed_body_that_is_no_JSON_is_answered_400()
    {
        foreach (var body in new[] { "{", "", "type=user.created", "{\"type\":\"user.created\"}}" })
        {
            await RefusedAsync(400, "Invalid JSON", Signed(body: body), body);
        }
    }

    [Fact]
    public async Task Earlier_checks_come_first()
    {
        await RefusedAsync(400, "Invalid timestamp", Signed("soon", "another"), "{");
        await RefusedAsync(400, "Stale timestamp", Signed("1", "another"), "{");
        await RefusedAsync(401, "Invalid signature", Signed(secret: "another"), "{");
    }

    [Fact]
    public async Task When_nothing_can_be_queued_the_answer_is_503()
    {
        var database = await stack.NewDatabaseAsync();
        await using var relay = new Relay(new NpgsqlConnectionStringBuilder(database).Port);
        await using var receiver = await CurlReceiver.StartAsync(stack, database, Services.ThroughPort(database, relay.Port));
        using var client = receiver.NewClient();
        relay.Cut();

        Assert.Equal((503, """{"detail":"Busy"}"""), await SendAsync(Signed(), client: client));
    }

    [Fact]
    public async Task An_event_of_unknown_type_does_not_crash_the_system()
    {
        const string Unknown = """{"type":"something.else","data":{}}""";
        await using var worker = await Services.WorkerAsync(
            _receiver.Database, await stack.RedisAsync(), ("Webhooks:Jobs:Event:Poll", "00:00:00.1"));

        Assert.Equal((200, Queued), await SendAsync(Signed(body: Unknown), Unknown));

        await Eventually.HoldsAsync(
            "the event is ignored", async () =>
                await Sql.CountAsync(_receiver.Database, "webhooks.jobs where state = 'ignored'") == 1);
    }

    private async Task RefusedAsync(int status, string detail, Dictionary<string, string> headers, string body = Body)
    {
        Assert.Equal((status, $$"""{"detail":"{{detail}}"}"""), await SendAsync(headers, body));
        Assert.Equal(0, await Sql.CountAsync(_receiver.Database, "webhooks.inbound_events"));
    }

    private async Task<(int Status, string Body)> SendAsync(
        Dictionary<string, string> headers, string body = Body, HttpClient? client = null)
    {
        // A ByteArrayContent has no Content-Type unless it is given one.
        using var request = new HttpRequestMessage(
            HttpMethod.Post, "/webhooks/provider") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await (client ?? _client).SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static Dictionary<string, string> Signed(
        string? timestamp = null, string secret = CurlReceiver.ProviderSecret, string body = Body)
    {
        timestamp ??= $"{Now}";
        return new(StringComparer.OrdinalIgnoreCase)
        {
            ["X-Webhook-Timestamp"] = timestamp,
            ["X-Webhook-Signature"] = Convert.ToHexStringLower(
                HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{timestamp}.{body}"))),
            ["X-Event-Id"] = "evt_001",
        };
    }

    private static Dictionary<string, string> With(Dictionary<string, string> headers, string header, string value)
    {
        headers[header] = value;
        return headers;
    }
}
