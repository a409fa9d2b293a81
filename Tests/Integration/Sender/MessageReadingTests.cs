using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Integration.Sender;

public sealed class MessageReadingTests(RunningSender sender) : IClassFixture<RunningSender>
{
    private const string None = "00000000-0000-0000-0000-000000000000";

    private readonly Outbox _outbox = new(sender.Database);

    [Theory]
    [InlineData("/api/v1/messages")]
    [InlineData($"/api/v1/messages/{None}")]
    [InlineData("/api/v1/deliveries")]
    [InlineData($"/api/v1/deliveries/{None}")]
    public async Task Reading_asks_for_a_merchants_token_with_the_scope(string path)
    {
        using var anonymous = sender.NewClient();
        using var publisher = sender.NewClient(_outbox.Merchant, "messages:write");
        using var nobody = sender.NewClient().With(OperatorToken.Create(OperatorToken.Scope("webhooks:read")));

        using var answer = await anonymous.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        foreach (var client in new[] { publisher, nobody })
        {
            using var refused = await client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }

    [Fact]
    public async Task A_merchant_sees_its_own_messages_and_deliveries_alone()
    {
        await _outbox.AddEndpointAsync(new Uri("http://127.0.0.1:1/"), active: false);
        var id = await _outbox.PublishAsync();
        var delivery = Assert.Single(await _outbox.JobsAsync()).RefId;
        using var owner = Client();
        using var stranger = sender.NewClient(new Outbox(sender.Database).Merchant, "webhooks:read");

        Assert.Equal([id], (await owner.OkAsync("/api/v1/messages")).Values("id"), StringComparer.Ordinal);
        Assert.Equal([$"{delivery}"], (await owner.OkAsync("/api/v1/deliveries")).Values("id"), StringComparer.Ordinal);
        Assert.Empty((await stranger.OkAsync("/api/v1/messages")).Values("id"));
        Assert.Empty((await stranger.OkAsync("/api/v1/deliveries")).Values("id"));
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.CallAsync($"/api/v1/messages/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.CallAsync($"/api/v1/deliveries/{delivery}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.CallAsync("/api/v1/messages/msg_0")).Status);
    }

    [Fact]
    public async Task A_message_shows_its_payload_without_credentials_and_its_deliveries()
    {
        await _outbox.AddEndpointAsync(new Uri("http://127.0.0.1:1/"), active: false);
        var id = await _outbox.PublishAsync("""{"name":"Zoë","token":"ghp_0123456789abcdefghijABCDEFGHIJ"}""");
        using var client = Client();

        var message = await client.OkAsync($"/api/v1/messages/{id}");

        var text = message.GetProperty("payload").GetProperty("text").GetString();
        Assert.Contains("Zoë", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ghp_", message.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(
            ("invoice.paid", "application/json"),
            (message.GetProperty("event_type").GetString(), message.GetProperty("content_type").GetString()));
        var delivery = Assert.Single(message.GetProperty("deliveries").EnumerateArray());
        Assert.Equal(
            ("skipped", id), (delivery.GetProperty("state").GetString(), delivery.GetProperty("message_id").GetString()));
    }

    // Operators see deliveries with their events and tasks.
    [Fact]
    public async Task A_delivery_shows_no_credential_in_its_endpoint_s_URL()
    {
        var url = new Uri("https://hooks.slack.com/services/T0123456789/B0123456789/abcdefghijklmnopqrstuvwx");
        await _outbox.AddEndpointAsync(url, active: false);
        await _outbox.PublishAsync();
        using var client = Client();

        var delivery = Assert.Single((await client.OkAsync("/api/v1/deliveries")).GetProperty("data").EnumerateArray());

        Assert.Equal("https://hooks.slack.com/services***redacted***", delivery.GetProperty("url").GetString());
    }

    [Fact]
    public async Task Messages_are_listed_newest_first_page_by_page_and_by_type_and_time()
    {
        var ids = new List<string>();
        for (var n = 0; n < 5; n++)
        {
            ids.Insert(0, await _outbox.PublishAsync(_outbox.Message($$"""{"n":{{n}}}""", n == 2 ? "payment.failed" : "invoice.paid")));
        }

        using var client = Client();
        var first = await client.OkAsync("/api/v1/messages?limit=3");
        var second = await client.OkAsync($"/api/v1/messages?limit=3&cursor={first.Cursor()}");
        Assert.Equal(
            ids.Order(StringComparer.Ordinal).Reverse(), [.. first.Values("id"), .. second.Values("id")], StringComparer.Ordinal);
        Assert.Null(second.Cursor());
        Assert.Equal(
            [ids[2]], (await client.OkAsync("/api/v1/messages?event_type=payment.failed")).Values("id"), StringComparer.Ordinal);

        await Sql.ExecuteAsync(
            sender.Database, $"update webhooks.messages set created_at = '2020-01-01T00:00:00Z' where id = '{ids[4]}'");
        Assert.Equal(4, (await client.OkAsync("/api/v1/messages?since=2020-01-01T00:00:00.1Z")).Values("id").Count);
        Assert.Empty((await client.OkAsync("/api/v1/messages?until=2020-01-01T00:00:00Z")).Values("id"));
    }

    [Fact]
    public async Task A_delivery_shows_each_attempt_and_when_the_next_is_due()
    {
        await using var server = await MerchantServer.StartAsync(async (_, context) =>
        {
            context.Response.StatusCode = 500;
            await context.Response.WriteAsync("broken");
        });
        var endpoint = await _outbox.AddEndpointAsync(server.Url);
        await _outbox.PublishAsync();
        await _outbox.AttemptsAsync(2);
        using var client = Client();
        var id = Assert.Single((await client.OkAsync("/api/v1/deliveries")).Values("id"));

        await Eventually.HoldsAsync("the next attempt is due later", async () =>
            (await client.OkAsync($"/api/v1/deliveries/{id}")).GetProperty("next_attempt_at").ValueKind == JsonValueKind.String);

        var shown = await client.OkAsync($"/api/v1/deliveries/{id}");
        Assert.Equal(
            ("pending", $"{endpoint}", server.Url.AbsoluteUri),
            (Text(shown, "state"), Text(shown, "endpoint_id"), Text(shown, "url")));
        Assert.All(shown.GetProperty("attempts").EnumerateArray(), (attempt, at) => Assert.Equal(
            (1, at + 1, "http_status", 500, "broken"),
            (attempt.GetProperty("run").GetInt32(), attempt.GetProperty("attempt").GetInt32(), Text(attempt, "outcome"),
                attempt.GetProperty("status_code").GetInt32(), Text(attempt, "response_body"))));
        Assert.DoesNotContain("broken", (await client.OkAsync("/api/v1/deliveries")).GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pending", "pending", null)]
    [InlineData("done", "delivered", "now()")]
    [InlineData("buried", "failed", "now()")]
    [InlineData("ignored", "skipped", "now()")]
    [InlineData("cancelled", "cancelled", "now()")]
    public async Task Deliveries_are_listed_by_the_state_of_their_latest_run(string job, string state, string? finished)
    {
        var other = await _outbox.AddEndpointAsync(new Uri("http://127.0.0.1:1/"), active: false);
        var endpoint = await _outbox.AddEndpointAsync(new Uri("http://127.0.0.1:1/"), active: false);
        await _outbox.PublishAsync();
        var jobs = await _outbox.JobsAsync();
        var mine = jobs.Single(each => each.Lane == $"{endpoint}").RefId;
        // Its first run was skipped; what counts is the second.
        await Sql.ExecuteAsync(sender.Database, $"""
            insert into webhooks.jobs (kind, ref_id, lane, state, due_at, finished_at)
            values ('delivery', '{mine}', '{endpoint}', '{job}', now() + interval '1 hour', {finished ?? "null"})
            """);
        using var client = Client();

        Assert.Contains(
            $"{mine}", (await client.OkAsync($"/api/v1/deliveries?state={state}")).Values("id"), StringComparer.Ordinal);
        foreach (
            var another in new[] { "pending", "running", "delivered", "failed", "skipped", "cancelled" }.Where(
                each => each != state))
        {
            Assert.DoesNotContain(
                $"{mine}", (await client.OkAsync($"/api/v1/deliveries?state={another}")).Values("id"), StringComparer.Ordinal);
        }

        Assert.Equal(
            [$"{mine}"],
            (await client.OkAsync($"/api/v1/deliveries?endpoint_id={endpoint}&event_type=invoice.paid&state={state}"))
            .Values("id"), StringComparer.Ordinal);
        Assert.Empty((await client.OkAsync($"/api/v1/deliveries?endpoint_id={other}&state=failed")).Values("id"));
        Assert.Empty((await client.OkAsync("/api/v1/deliveries?event_type=payment.failed")).Values("id"));
    }

    [Fact]
    public async Task Deliveries_of_several_endpoints_are_one_list_newest_first()
    {
        await _outbox.AddEndpointAsync(new Uri("http://127.0.0.1:1/a"), active: false);
        await _outbox.AddEndpointAsync(new Uri("http://127.0.0.1:1/b"), active: false);
        for (var n = 0; n < 3; n++)
        {
            await _outbox.PublishAsync();
        }

        using var client = Client();
        var expected = (await _outbox.JobsAsync()).Select(job => $"{job.RefId}").Order(StringComparer.Ordinal).Reverse();
        var (seen, cursor) = (new List<string>(), "");
        do
        {
            var page = await client.OkAsync($"/api/v1/deliveries?limit=4{cursor}");
            seen.AddRange(page.Values("id"));
            cursor = page.Cursor() is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);

        Assert.Equal(expected, seen, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/messages?since=x&until=x&cursor=x&limit=0&event_type=", "cursor event_type limit since until")]
    [InlineData(
        "/api/v1/deliveries?since=x&cursor=x&limit=x&state=x&endpoint_id=x&message_id=",
        "cursor endpoint_id limit message_id since state")]
    public async Task What_makes_no_sense_is_400_and_named(string path, string fields)
    {
        using var client = Client();

        var (status, problem) = await client.CallAsync(path);

        Assert.Equal((HttpStatusCode.BadRequest, fields), (status, string.Join(' ', problem.Fields())));
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private HttpClient Client() => sender.NewClient(_outbox.Merchant, "webhooks:read");
}
