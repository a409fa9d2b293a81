using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Tests.Integration.Sender.Endpoints;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>
/// What a merchant may expect, one by one, from its API to its server. More tests of it, by kind:
/// <list type="bullet">
/// <item>Unit: <c>Tests/Unit/Sender</c>, <c>Tests/Unit/Egress</c>, <c>Tests/Unit/Signing</c>.</item>
/// <item>API integration: <c>Tests/Integration/Sender/Endpoints</c>.</item>
/// <item>Async worker: <c>DeliveryTests</c>, <c>RetryTests</c>, <c>FailureTests</c>, <c>DeactivationTests</c>,
/// <c>MisbehavingServerTests</c>.</item>
/// <item>Security: <c>RefusedUrlTests</c>, <c>ResolverAnswerTests</c>, <c>SecretExposureTests</c>, <c>CanaryTests</c>.</item>
/// </list>
/// </summary>
public sealed class MerchantDeliveryTests(TestStack stack) : IAsyncLifetime
{
    private const string Payload = """{"type":"payment.succeeded","data":{"card":"4242-of-the-payload"}}""";

    private readonly RecordedLog _log = new();
    private readonly string _merchant = EndpointApi.NewMerchant();

    private string _database = "";
    private ServiceHost<DeliveryClient> _sender = null!;
    private HttpClient _client = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await stack.NewDatabaseAsync();
        _sender = await ServiceHost<DeliveryClient>.StartAsync(
            Services.Settings(_database, await stack.RedisAsync(), ("Webhooks:Jobs:Delivery:Poll", "00:00:00.1")),
            services => services.AddSingleton<ILoggerProvider>(_log));
        _client = _sender.NewClient().With(OperatorToken.Of(_merchant, "webhooks:write messages:write"));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _sender.DisposeAsync();
    }

    [Fact]
    public async Task A_merchant_makes_reads_changes_and_deletes_a_webhook()
    {
        await using var server = await MerchantServer.StartAsync();

        var created = await _client.CreateAsync(
            new { url = server.Url, events = (string[])["payment.succeeded"], active = true });
        await _client.PatchAsync(created.Id(), new { events = (string[])["payment.failed"] });

        Assert.Equal("payment.failed", (await _client.GetOneAsync(created.Id())).GetProperty("events")[0].GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await _client.RemoveAsync(created.Id())).Status);
        Assert.Equal(
            HttpStatusCode.NotFound, (await _client.SendAsync(HttpMethod.Get, $"{EndpointApi.Path}/{created.Id()}")).Status);
    }

    [Fact]
    public async Task Merchants_manage_their_own_webhooks_alone()
    {
        await using var server = await MerchantServer.StartAsync();
        var created = await _client.CreateAsync(server.Url);
        using var other = _sender.NewClient().With(OperatorToken.Of(EndpointApi.NewMerchant(), "webhooks:write"));

        Assert.All(
            await Task.WhenAll(
                other.SendAsync(HttpMethod.Get, $"{EndpointApi.Path}/{created.Id()}"),
                other.SendAsync(HttpMethod.Patch, $"{EndpointApi.Path}/{created.Id()}", new { active = false }),
                other.SendAsync(HttpMethod.Delete, $"{EndpointApi.Path}/{created.Id()}")),
            answer => Assert.Equal(HttpStatusCode.NotFound, answer.Status));
        Assert.Equal("active", (await _client.GetOneAsync(created.Id())).Text("state"));
    }

    [Theory]
    [InlineData("http://example.com/hooks")]
    [InlineData("https://10.0.0.1/hooks")]
    [InlineData("https://172.16.0.1/hooks")]
    [InlineData("https://172.31.255.255/hooks")]
    [InlineData("https://192.168.1.1/hooks")]
    [InlineData("https://127.0.0.2/hooks")]
    [InlineData("https://169.254.169.254/latest/meta-data/")]
    [InlineData("https://[fd00:ec2::254]/hooks")]
    public async Task Plain_HTTP_and_internal_addresses_are_refused_with_a_structured_error(string url)
    {
        var (status, problem) = await _client.SendAsync(HttpMethod.Post, EndpointApi.Path, new { url });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.NotEqual(0, problem.GetProperty("errors").GetProperty("url").GetArrayLength());
        Assert.Equal(0, await Sql.CountAsync(_database, "webhooks.endpoints"));
    }

    [Fact]
    public async Task The_secret_is_made_by_the_server_of_32_random_bytes_and_shown_once()
    {
        await using var server = await MerchantServer.StartAsync();

        var one = await _client.CreateAsync(server.Url);
        var two = await _client.CreateAsync(server.Url);

        Assert.Equal(32, Convert.FromBase64String(one.Text("secret")!["whsec_".Length..]).Length);
        Assert.NotEqual(one.Text("secret"), two.Text("secret"), StringComparer.Ordinal);
        Assert.False(
            (await _client.GetOneAsync(one.Id())).TryGetProperty("secret", out var shown)
                && shown.ValueKind != JsonValueKind.Null);
    }

    [Fact]
    public async Task A_merchant_has_ten_webhooks_at_most()
    {
        await using var server = await MerchantServer.StartAsync();
        for (var number = 0; number < 10; number++)
        {
            await _client.CreateAsync(server.Url);
        }

        Assert.Equal(
            HttpStatusCode.Conflict,
            (await _client.SendAsync(HttpMethod.Post, EndpointApi.Path, new { url = server.Url })).Status);
    }

    [Fact]
    public async Task A_webhook_that_cannot_be_reached_is_not_made_and_the_answer_says_why()
    {
        await using var server = await MerchantServer.StartAsync(500);

        var (status, problem) = await _client.SendAsync(HttpMethod.Post, EndpointApi.Path, new { url = server.Url });

        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, "http_status", 500),
            (status, problem.GetProperty("ping").Text("outcome"),
            problem.GetProperty("ping").GetProperty("status_code").GetInt32()));
        Assert.Equal(0, await Sql.CountAsync(_database, "webhooks.endpoints"));
    }

    [Fact]
    public async Task A_payload_is_signed_with_HMAC_SHA256_in_X_Webhook_Signature()
    {
        await using var server = await MerchantServer.StartAsync();
        var created = await _client.CreateAsync(server.Url);
        await server.NextAsync();

        await PublishAsync();
        var request = await server.NextAsync();

        var content = Encoding.UTF8.GetBytes($"{request.Headers["X-Webhook-Timestamp"]}.{Payload}");
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(created.Text("secret")!), content);
        Assert.Equal(Convert.ToHexStringLower(expected), request.Headers["X-Webhook-Signature"]);
        Assert.Equal(Payload, request.Text);
    }

    [Fact]
    public async Task A_failed_delivery_is_tried_three_more_times_after_one_ten_and_sixty_seconds()
    {
        await using var server = await MerchantServer.StartAsync(200, 500);
        await _client.CreateAsync(server.Url);
        var outbox = new Outbox(_database, _merchant);
        await PublishAsync();

        double[] waits = [1, 10, 60];
        for (var attempt = 1; attempt <= waits.Length; attempt++)
        {
            await outbox.AttemptsAsync(attempt);
            var wait = (double)(await Sql.ScalarAsync<decimal>(_database, $"""
                select extract(epoch from due_at - (started_at + duration_ms * interval '1 millisecond'))
                from webhooks.jobs job join webhooks.delivery_attempts made on job_id = job.id and made.attempt = {attempt} where kind = 'delivery'
                """));
            // A fifth of jitter, and the moments between an attempt's end and its being stored.
            Assert.InRange(wait, waits[attempt - 1] * 0.8, (waits[attempt - 1] * 1.2) + 10);
            await outbox.HurryAsync();
        }

        Assert.Equal(("buried", 4), await outbox.FinishedJobAsync() is var job ? (job.State, job.Attempt) : default);
    }

    [Fact]
    public async Task Each_attempt_is_logged_with_webhook_event_attempt_and_status_and_without_payload_or_secret()
    {
        await using var server = await MerchantServer.StartAsync(200, 503, 200);
        var created = await _client.CreateAsync(server.Url);
        var outbox = new Outbox(_database, _merchant);

        await PublishAsync();
        await outbox.AttemptsAsync(1);
        await outbox.HurryAsync();
        await outbox.FinishedJobAsync();

        var lines = _log.Of(4101).Select(line => line.Text).ToList();
        Assert.Equal(2, lines.Count);
        Assert.All(lines, line => Assert.Contains(created.Id(), line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Contains("payment.succeeded", line, StringComparison.Ordinal));
        Assert.Contains("attempt 1: HttpStatus 503", lines[0], StringComparison.Ordinal);
        Assert.Contains("attempt 2: Delivered 200", lines[1], StringComparison.Ordinal);
        Assert.All(_log.All, line => Assert.DoesNotContain("4242-of-the-payload", line.Text, StringComparison.Ordinal));
        Assert.All(
            _log.All, line =>
                Assert.DoesNotContain(created.Text("secret")!["whsec_".Length..], line.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_ten_consecutive_failures_the_webhook_is_inactive_until_an_administrator_reactivates_it()
    {
        await using var server = await MerchantServer.StartAsync(200, 500);
        var created = await _client.CreateAsync(server.Url);
        var outbox = new Outbox(_database, _merchant);

        // Ten deliveries that have one attempt left.
        for (var message = 1; message <= 10; message++)
        {
            await PublishAsync();
        }

        await Eventually.HoldsAsync("the webhook is inactive", async () =>
        {
            await Sql.ExecuteAsync(
                _database,
                $"update webhooks.lanes set held_until = now() where held_until > now(); update webhooks.jobs set due_at = "
                + $"now(), failures = {RetrySchedule.Default.MaxFailures - 1} where kind = 'delivery' and state = 'pending'");
            return (await _client.GetOneAsync(created.Id())).Text("state") == "inactive";
        });
        Assert.Equal("failures", (await _client.GetOneAsync(created.Id())).Text("disabled_reason"));
        Assert.Equal(
            HttpStatusCode.Conflict,
            (await _client.SendAsync(HttpMethod.Patch, $"{EndpointApi.Path}/{created.Id()}", new { active = true })).Status);

        using var administrator = _sender.NewClient().With(OperatorToken.Create(OperatorToken.Scope("admin")));
        var (status, _) = await administrator.SendAsync(
            HttpMethod.Post, $"{EndpointApi.Admin}/webhooks/{created.Id()}/reactivate", new { reason = "repaired" });
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("active", (await _client.GetOneAsync(created.Id())).Text("state"));
    }

    private async Task PublishAsync()
    {
        var body = $$"""{"event_type":"payment.succeeded","payload":{{Payload}}}""";
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _client.PostAsync(new Uri("/api/v1/messages", UriKind.Relative), content, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }
}
