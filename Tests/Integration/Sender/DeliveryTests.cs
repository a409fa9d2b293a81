using System.Security.Cryptography;
using System.Text;
using Aspire.Webhooks.Tests.Interop;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender;

public sealed class DeliveryTests(RunningSender sender, TestStack stack) : IClassFixture<RunningSender>
{
    private const string Payload = """{ "type": "invoice.paid",  "customer": "Zoë \u0026 Søn" }""";

    private readonly Outbox _outbox = new(sender.Database);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_delivery_is_verified_by_the_standardwebhooks_library()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var environment = new Dictionary<string, string>(
            StringComparer.Ordinal) { ["WEBHOOK_SECRET_STANDARD"] = Services.StandardSecret };
        await using var server = await NodeServer.StartAsync("standard-server.mjs", environment, Cancellation);
        await _outbox.AddEndpointAsync(server.Uri);

        var id = await _outbox.PublishAsync(Payload);
        var received = await server.Received.ReadAsync(Cancellation);

        Assert.True(received.GetProperty("verified").GetBoolean());
        Assert.Equal(Payload, received.GetProperty("body").GetString());
        Assert.Equal(id, received.GetProperty("headers").GetProperty("webhook-id").GetString());
        Assert.Equal("done", (await _outbox.FinishedJobAsync()).State);
    }

    [Fact]
    public async Task A_delivery_carries_both_signatures_over_its_bytes()
    {
        await using var server = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(server.Url);

        var id = await _outbox.PublishAsync(Payload);
        var request = await server.NextAsync();

        Assert.Equal(id, request.Headers["webhook-id"]);
        Assert.Equal(id, request.Headers["X-Event-Id"]);
        Assert.Equal(request.Headers["webhook-timestamp"], request.Headers["X-Webhook-Timestamp"]);
        Assert.InRange(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - TimestampOf(request), 0, 60);
        Assert.Equal(StandardSignature(request, id), request.Headers["webhook-signature"]);
        Assert.Equal(ProviderSignature(request), request.Headers["X-Webhook-Signature"]);
    }

    [Fact]
    public async Task Each_attempt_is_signed_for_its_own_moment()
    {
        await using var server = await MerchantServer.StartAsync(500, 200);
        await _outbox.AddEndpointAsync(server.Url);

        var id = await _outbox.PublishAsync(Payload);
        var first = await server.NextAsync();
        var second = await server.NextAsync();

        Assert.True(TimestampOf(second) > TimestampOf(first));
        Assert.Equal(StandardSignature(second, id), second.Headers["webhook-signature"]);
        Assert.Equal(ProviderSignature(second), second.Headers["X-Webhook-Signature"]);
        Assert.Equal(id, second.Headers["webhook-id"]);
        Assert.Equal(first.Body, second.Body);
    }

    [Fact]
    public async Task A_delivery_continues_the_trace_of_its_message()
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        await using var server = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(server.Url);

        await _outbox.PublishAsync(_outbox.Message() with { Traceparent = $"00-{trace}-b7ad6b7169203331-01" });
        var request = await server.NextAsync();

        var parts = request.Headers["traceparent"].Split('-');
        Assert.Equal(trace, parts[1]);
        Assert.NotEqual("b7ad6b7169203331", parts[2], StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_delivery_carries_no_trace_where_that_is_not_asked_for()
    {
        var database = await stack.NewDatabaseAsync();
        await using var other = await Services.SenderAsync(
            database, await stack.RedisAsync(), ("Webhooks:Delivery:PropagateTrace", "false"));
        var outbox = new Outbox(database);
        await using var server = await MerchantServer.StartAsync();
        await outbox.AddEndpointAsync(server.Url);

        const string trace = "0af7651916cd43dd8448eb211c80319c";
        await outbox.PublishAsync(outbox.Message() with { Traceparent = $"00-{trace}-b7ad6b7169203331-01" });
        var request = await server.NextAsync();

        Assert.DoesNotContain(request.Headers.Values, value => value.Contains(trace, StringComparison.Ordinal));
        Assert.Empty(request.Headers.Keys.Intersect(
            ["traceparent", "tracestate", "baggage", "Request-Id", "Correlation-Context"], StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_delivery_says_nothing_of_us_but_what_it_must()
    {
        await using var server = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(server.Url);

        await _outbox.PublishAsync(Payload);
        var request = await server.NextAsync();

        string[] expected =
        [
            "Content-Length", "Content-Type", "Host", "traceparent", "User-Agent", "webhook-id", "webhook-signature",
            "webhook-timestamp", "X-Event-Id", "X-Webhook-Signature", "X-Webhook-Timestamp",
        ];
        Assert.Equal(expected, request.Headers.Keys.Order(StringComparer.OrdinalIgnoreCase), StringComparer.Ordinal);
        Assert.DoesNotContain(request.Headers.Values, value => value.Contains(Services.StandardSecret, StringComparison.Ordinal));
    }

    private static long TimestampOf(MerchantRequest request) => long.Parse(request.Headers["webhook-timestamp"]);

    // Both are written down here from their specifications, not from the code that signs.
    private static string StandardSignature(MerchantRequest request, string id)
    {
        var key = Convert.FromBase64String(Services.StandardSecret["whsec_".Length..]);
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Signed($"{id}.{TimestampOf(request)}.", request)));
    }

    private static string ProviderSignature(MerchantRequest request) => Convert.ToHexStringLower(
        HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(Services.StandardSecret), Signed($"{request.Headers["X-Webhook-Timestamp"]}.", request)));

    private static byte[] Signed(string before, MerchantRequest request) => [.. Encoding.UTF8.GetBytes(before), .. request.Body];
}
