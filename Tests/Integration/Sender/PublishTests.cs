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
        await Eventually.HoldsAsync(
            "both deliveries are done", async () => (await _outbox.JobsAsync()).Count(job => job.State == "done") == 2);

        Assert.Equal(
            ["/every-type", "/this-type"], server.All.Select(request => request.Path).Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
        Assert.Equal(
            ["done", "done", "ignored"], (await _outbox.JobsAsync()).Select(job => job.State).Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
        Assert.Empty(await other.JobsAsync());
    }

    [Fact]
    public async Task A_message_goes_on_in_the_trace_of_the_application_that_publishes_it()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        using var client = sender.NewClient(_outbox.Merchant, "messages:write");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/messages")
        {
            Content = new StringContent("""{"event_type":"invoice.paid","payload":{}}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-00");

        using var answer = await client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var stored = await Sql.ScalarAsync<string>(
            sender.Database, $"select traceparent from webhooks.messages where merchant_id = '{_outbox.Merchant}'");
        Assert.StartsWith($"00-{Trace}-", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("b7ad6b7169203331", stored, StringComparison.Ordinal);
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

        await Sql.ExecuteAsync(
            sender.Database,
            $"update webhooks.endpoints set active = false, disabled_at = now(), disabled_reason = 'merchant' where id = "
            + $"'{endpoint}'");
        await _outbox.HurryAsync();

        Assert.Equal("ignored", (await _outbox.FinishedJobAsync()).State);
        Assert.Single(server.All);
    }

    [Fact]
    public async Task The_same_key_with_the_same_body_is_answered_alike_and_makes_no_second_delivery()
    {
        await using var server = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(server.Url);

        var first = await AnswerAsync("""{"n":1}""", key: "order-7");
        await _outbox.FinishedJobAsync();
        var second = await AnswerAsync("""{"n":1}""", key: "order-7");

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (first.Status, second.Status));
        Assert.Equal(first.Body.GetRawText(), second.Body.GetRawText());
        Assert.Single(await _outbox.JobsAsync());
        Assert.Single(server.All);
    }

    [Theory]
    [InlineData("""{"n":2}""", "invoice.paid")]
    [InlineData("""{"n": 1}""", "invoice.paid")]
    [InlineData("""{"n":1}""", "payment.failed")]
    public async Task The_same_key_with_another_body_is_409_and_changes_nothing(string payload, string type)
    {
        var first = await AnswerAsync("""{"n":1}""", key: "order-1");
        var second = await AnswerAsync(payload, key: "order-1", type: type);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Conflict), (first.Status, second.Status));
        Assert.Equal(1, await Sql.CountAsync(sender.Database, $"webhooks.messages where merchant_id = '{_outbox.Merchant}'"));
    }

    [Fact]
    public async Task Without_a_key_the_same_body_is_a_new_message_each_time() =>
        Assert.NotEqual(await PostAsync("""{"n":1}"""), await PostAsync("""{"n":1}"""), StringComparer.Ordinal);

    [Fact]
    public async Task A_callers_key_never_meets_one_of_the_Workers()
    {
        var ours = await _outbox.PublishAsync(_outbox.Message("""{"n":1}""") with { IdempotencyKey = "task:7" });

        Assert.NotEqual(ours, await PostAsync("""{"n":1}""", key: "task:7"), StringComparer.Ordinal);
    }

    [Fact]
    public async Task One_key_published_fifty_times_at_once_is_one_message_with_one_delivery_per_endpoint()
    {
        await using var server = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(new Uri(server.Url, "/a"));
        await _outbox.AddEndpointAsync(new Uri(server.Url, "/b"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AnswerAsync("""{"n":1}""", key: "order-8")));
        await Eventually.HoldsAsync(
            "both deliveries are done", async () => (await _outbox.JobsAsync()).TrueForAll(job => job.State == "done"));

        Assert.Single(answers.Select(answer => answer.Body.GetRawText()).Distinct(StringComparer.Ordinal));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        Assert.Equal(2, (await _outbox.JobsAsync()).Count);
        Assert.Equal(2, server.All.Count);
    }

    [Fact]
    public async Task Of_one_key_published_at_once_with_different_bodies_one_wins_and_the_others_are_409()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => AnswerAsync($$"""{"n":{{n}}}""", key: "order-10")));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Accepted);
        Assert.Equal(9, answers.Count(answer => answer.Status == HttpStatusCode.Conflict));
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
        var (status, body) = await AnswerAsync(payload, key);
        Assert.Equal(HttpStatusCode.Accepted, status);
        return body.GetProperty("id").GetString()!;
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> AnswerAsync(
        string payload, string? key = null, string type = "invoice.paid")
    {
        using var client = sender.NewClient(_outbox.Merchant, "messages:write");
        var json = $$"""{"event_type":"{{type}}","payload":{{payload}}}""";
        using var request = new HttpRequestMessage(
            HttpMethod.Post, "/api/v1/messages") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await client.SendAsync(request, Cancellation);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        if (answer.StatusCode == HttpStatusCode.Accepted)
        {
            Assert.Equal($"/api/v1/messages/{body.GetProperty("id").GetString()}", answer.Headers.Location!.OriginalString);
            Assert.Equal(type, body.GetProperty("event_type").GetString());
        }

        return (answer.StatusCode, body);
    }
}
