using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Sender;

public sealed class PublishTests(RunningSender sender) : IClassFixture<RunningSender>
{
    private readonly Outbox _outbox = new(sender.Database);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_goes_to_the_merchants_active_endpoints_for_its_type_alone()
    {
        await using var server = await MerchantServer.StartAsync();
        var other = new Outbox(sender.Database);
        await _outbox.AddEndpointAsync(new Uri(server.Url, "/every-type"));
        await _outbox.AddEndpointAsync(new Uri(server.Url, "/this-type"), types: ["invoice.paid", "invoice.sent"]);
        await _outbox.AddEndpointAsync(new Uri(server.Url, "/another-type"), types: ["invoice"]);
        await _outbox.AddEndpointAsync(new Uri(server.Url, "/inactive"), active: false);
        await other.AddEndpointAsync(new Uri(server.Url, "/another-merchant"));

        await PostAsync("""{"n":1}""");
        await Eventually.HoldsAsync("both deliveries are done", async () => (await _outbox.JobsAsync()).Count(job => job.State == "done") == 2);

        Assert.Equal(["/every-type", "/this-type"], server.All.Select(request => request.Path).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(2, (await _outbox.JobsAsync()).Count);
        Assert.Empty(await other.JobsAsync());
    }

    [Fact]
    public async Task A_message_that_no_endpoint_wants_is_accepted_and_queues_nothing()
    {
        var id = await PostAsync("""{"n":1}""");

        Assert.StartsWith("msg_", id, StringComparison.Ordinal);
        Assert.Empty(await _outbox.JobsAsync());
    }

    [Fact]
    public async Task An_endpoint_that_is_switched_off_after_publishing_gets_nothing()
    {
        await using var server = await MerchantServer.StartAsync(500);
        var endpoint = await _outbox.AddEndpointAsync(server.Url);
        await _outbox.PublishAsync();
        await _outbox.AttemptsAsync(1);

        await Sql.ExecuteAsync(sender.Database, $"update webhooks.endpoints set active = false, disabled_at = now(), disabled_reason = 'merchant' where id = '{endpoint}'");
        await _outbox.HurryAsync();

        Assert.Equal("ignored", (await _outbox.FinishedJobAsync()).State);
        Assert.Single(server.All);
    }

    [Fact]
    public async Task The_same_key_again_gives_the_same_id_and_no_second_delivery()
    {
        await using var server = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(server.Url);

        var first = await PostAsync("""{"n":1}""", key: "order-7");
        await _outbox.FinishedJobAsync();
        var second = await PostAsync("""{"n":2}""", key: "order-7");

        Assert.Equal(first, second);
        Assert.Single(await _outbox.JobsAsync());
        Assert.Single(server.All);
    }

    [Fact]
    public async Task One_key_published_fifty_times_at_once_is_one_message_with_one_delivery_per_endpoint()
    {
        await using var server = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(new Uri(server.Url, "/a"));
        await _outbox.AddEndpointAsync(new Uri(server.Url, "/b"));

        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => PostAsync($$"""{"n":{{n}}}""", key: "order-8")));
        await Eventually.HoldsAsync("both deliveries are done", async () => (await _outbox.JobsAsync()).TrueForAll(job => job.State == "done"));

        Assert.Single(ids.Distinct(StringComparer.Ordinal));
        Assert.Equal(2, (await _outbox.JobsAsync()).Count);
        Assert.Equal(2, server.All.Count);
        Assert.Single(server.All.Select(request => request.Text).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_merchants_may_use_the_same_key()
    {
        var other = new Outbox(sender.Database);

        var first = await _outbox.PublishAsync(_outbox.Message() with { IdempotencyKey = "order-9" });
        var second = await _outbox.PublishAsync(other.Message() with { IdempotencyKey = "order-9" });

        Assert.NotEqual(first, second, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_publish_that_is_rolled_back_leaves_nothing()
    {
        await using var server = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(server.Url);
        await using (var connection = new NpgsqlConnection(sender.Database))
        {
            await connection.OpenAsync(Cancellation);
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await MessagePublisher.PublishAsync(_outbox.Message(), transaction, TimeProvider.System, Cancellation);
            await transaction.RollbackAsync(Cancellation);
        }

        Assert.Equal(0, await Sql.CountAsync(sender.Database, $"webhooks.messages where merchant_id = '{_outbox.Merchant}'"));
        Assert.Empty(await _outbox.JobsAsync());
    }

    [Theory]
    [InlineData("""{ "b" :1,  "a":[ 1.0, 1e3 , -0 ],"b":2 }""")]
    [InlineData("""{"text":"\u00e4\u00E4 ä \/ \ud83d\ude00 😀 <&'>\u2028"}""")]
    [InlineData("""{"half":"\ud800"}""")]
    [InlineData("[\r\n\t1,\r\n\t{}\r\n]")]
    [InlineData("[]")]
    public async Task A_payload_is_sent_byte_for_byte(string payload)
    {
        await using var server = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(server.Url);

        await PostAsync(payload);
        var request = await server.NextAsync();

        Assert.Equal(payload, request.Text);
        Assert.Equal(Encoding.UTF8.GetBytes(payload), request.Body);
        Assert.Equal("application/json", request.Headers["Content-Type"]);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_sent_as_they_are()
    {
        await using var server = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(server.Url);
        byte[] payload = [0, 0xff, 0xfe, 0xc3, 0x28, 13, 10];

        await _outbox.PublishAsync(_outbox.Message() with { Payload = payload, ContentType = "application/octet-stream" });
        var request = await server.NextAsync();

        Assert.Equal(payload, request.Body);
        Assert.Equal("application/octet-stream", request.Headers["Content-Type"]);
    }

    private async Task<string> PostAsync(string payload, string? key = null)
    {
        using var client = sender.NewClient();
        var json = $$"""{"merchant_id":"{{_outbox.Merchant}}","event_type":"invoice.paid","payload":{{payload}}}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/messages") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("id").GetString()!;
    }
}
