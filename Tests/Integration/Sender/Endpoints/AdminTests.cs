using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>What administrators see and do; they are no merchants.</summary>
public sealed class AdminTests(EndpointApi api, TestStack stack) : IClassFixture<EndpointApi>, IDisposable
{
    private readonly HttpClient _administrator = api.Administrator();
    private readonly Outbox _outbox = new(api.Database);

    [Fact]
    public async Task Each_filter_and_all_of_them_together_find_the_endpoints_that_are_meant()
    {
        var active = await AddAsync(null);
        var failed = await AddAsync("failures");
        var gone = await AddAsync("gone");
        var switchedOff = await AddAsync("merchant");
        var deleted = await AddAsync("merchant");
        await Sql.ExecuteAsync(api.Database, $"update webhooks.endpoints set deleted_at = now() where id = '{deleted}'");

        await FindAsync("", switchedOff, gone, failed, active);
        await FindAsync("&state=active", active);
        await FindAsync("&state=inactive", switchedOff, gone, failed);
        await FindAsync("&disabled_reason=failures", failed);
        await FindAsync("&disabled_reason=gone&state=inactive", gone);
        await FindAsync("&disabled_reason=gone&state=active");
        var first = await _administrator.OkAsync($"{EndpointApi.Admin}/webhooks?merchant_id={_outbox.Merchant}&limit=3");
        await FindAsync($"&limit=3&cursor={first.Cursor()}", active);
    }

    [Theory]
    [InlineData("merchant_id=", "merchant_id")]
    [InlineData("state=on", "state")]
    [InlineData("disabled_reason=why", "disabled_reason")]
    [InlineData("limit=0", "limit")]
    [InlineData("cursor=x", "cursor")]
    public async Task A_value_that_makes_no_sense_is_refused_under_its_name(string query, string field)
    {
        var (status, problem) = await _administrator.CallAsync($"{EndpointApi.Admin}/webhooks?{query}");

        Assert.Equal((HttpStatusCode.BadRequest, field), (status, Assert.Single(problem.Fields())));
    }

    [Theory]
    [InlineData("failures")]
    [InlineData("gone")]
    public async Task An_endpoint_that_failed_is_reactivated_with_nothing_counted_against_it_and_gets_messages_again(
        string reason)
    {
        await using var server = await MerchantServer.StartAsync();
        var id = await AddAsync(reason, server.Url);
        await Sql.ExecuteAsync(
            api.Database,
            $"update webhooks.endpoints set failed_deliveries = 10, failed_attempts = 40, failing_since = now() where id = "
            + $"'{id}'");
        await Tables.HoldAsync(api.Database, id, "1 hour");

        var (status, endpoint) = await ReactivateAsync(id);
        await _outbox.PublishAsync();

        Assert.Equal((HttpStatusCode.OK, "active", null), (status, endpoint.Text("state"), endpoint.Text("disabled_reason")));
        Assert.Equal("""{"failed_attempts":0,"held_until":null}""", endpoint.GetProperty("circuit").GetRawText());
        Assert.Equal(0, endpoint.GetProperty("failed_deliveries").GetInt32());
        await server.NextAsync();
    }

    [Fact]
    public async Task What_its_merchant_made_inactive_stays_so_and_what_is_active_stays_active()
    {
        var switchedOff = await AddAsync("merchant");
        var active = await AddAsync(null);
        await Sql.ExecuteAsync(
            api.Database, $"update webhooks.endpoints set failed_attempts = 2, failing_since = now() where id = '{active}'");

        var (refused, problem) = await ReactivateAsync(switchedOff);
        var (again, endpoint) = await ReactivateAsync(active);

        Assert.Equal((HttpStatusCode.Conflict, "The merchant disabled the endpoint."), (refused, problem.Text("title")));
        Assert.Equal((HttpStatusCode.OK, 2), (again, endpoint.GetProperty("circuit").GetProperty("failed_attempts").GetInt32()));
        await FindAsync("&state=inactive", switchedOff);
    }

    [Fact]
    public async Task An_endpoint_that_is_not_there_or_deleted_is_404_and_a_reason_is_needed()
    {
        var deleted = await AddAsync("failures");
        await Sql.ExecuteAsync(api.Database, $"update webhooks.endpoints set deleted_at = now() where id = '{deleted}'");
        var failed = await AddAsync("failures");

        Assert.Equal(HttpStatusCode.NotFound, (await ReactivateAsync(Guid.CreateVersion7())).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await ReactivateAsync(deleted)).Status);
        var (status, problem) = await _administrator.CallAsync(
            $"{EndpointApi.Admin}/webhooks/{failed}/reactivate", new { reason = " " });
        Assert.Equal((HttpStatusCode.BadRequest, "reason"), (status, Assert.Single(problem.Fields())));
        await FindAsync("&state=inactive", failed);
    }

    // Whoever knows this URL may write into the channel.
    [Fact]
    public async Task An_administrator_is_not_shown_a_credential_in_an_endpoint_s_URL_and_its_merchant_is()
    {
        var url = new Uri("https://hooks.slack.com/services/T0123456789/B0123456789/abcdefghijklmnopqrstuvwx");
        await AddAsync("merchant", url);
        using var merchant = api.Of(_outbox.Merchant);

        var shown = await _administrator.OkAsync($"{EndpointApi.Admin}/webhooks?merchant_id={_outbox.Merchant}");

        Assert.Equal(["https://hooks.slack.com/services***redacted***"], shown.Values("url"), StringComparer.Ordinal);
        Assert.Equal([url.OriginalString], (await merchant.OkAsync(EndpointApi.Path)).Values("url"), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("https://shop.example/hooks?k=s3cr3t-of-the-shop", "https://shop.example/hooks?***")]
    [InlineData("https://shop.example?s3cr3t-of-the-shop", "https://shop.example?***")]
    [InlineData("https://user:s3cr3t-of-the-shop@shop.example:8443/hooks", "https://***@shop.example:8443/hooks")]
    [InlineData("https://s3cr3t-of-the-shop@shop.example/?a=1&b=2#s3cr3t-of-the-shop", "https://***@shop.example/?***")]
    [InlineData("https://shop.example/hooks/7", "https://shop.example/hooks/7")]
    public async Task The_query_and_the_user_of_an_endpoint_s_URL_are_shown_to_its_merchant_alone(string url, string shown)
    {
        await AddAsync("merchant", new Uri(url));
        using var merchant = api.Of(_outbox.Merchant);

        var listed = await _administrator.OkAsync($"{EndpointApi.Admin}/webhooks?merchant_id={_outbox.Merchant}");

        Assert.Equal([shown], listed.Values("url"), StringComparer.Ordinal);
        Assert.Equal([url], (await merchant.OkAsync(EndpointApi.Path)).Values("url"), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Stats_count_deliveries_by_merchant_and_by_attempts_and_endpoints_by_state()
    {
        var database = await stack.NewDatabaseAsync();
        await using var sender = await Services.SenderAsync(database, await stack.RedisAsync());
        using var administrator = sender.NewClient().With(OperatorToken.Create(OperatorToken.Scope("admin")));
        var (one, two) = (new Outbox(database), new Outbox(database));
        var empty = await administrator.OkAsync($"{EndpointApi.Admin}/stats");
        Assert.Equal(
            (JsonValueKind.Null, 0),
            (empty.GetProperty("total").GetProperty("success_rate").ValueKind, empty.GetProperty("merchants").GetArrayLength()));

        // Three deliveries of the first merchant, one of the second, and one that nobody gets.
        foreach (var (outbox, job) in new[] { (one, "'done', 1"), (one, "'buried', 4"), (one, "'done', 2"), (two, "'done', 1") })
        {
            await AddDeliveryAsync(outbox, job);
        }

        await two.AddEndpointAsync(new Uri("https://example.com/"), active: false);
        await two.PublishAsync();
        var stats = await administrator.OkAsync($"{EndpointApi.Admin}/stats?since=2026-01-01T00:00:00Z");

        var expected = $$"""
            {
              "since": "2026-01-01T00:00:00+00:00", "is_partial": false,
              "total": { "delivered": 3, "failed": 1, "skipped": 1, "cancelled": 0, "open": 0, "success_rate": 0.75 },
              "merchants": [
                { "merchant_id": "{{one.Merchant}}", "deliveries": { "delivered": 2, "failed": 1, "skipped": 0, "cancelled": 0, "open": 0, "success_rate": {{2 / 3.0}} } },
                { "merchant_id": "{{two.Merchant}}", "deliveries": { "delivered": 1, "failed": 0, "skipped": 1, "cancelled": 0, "open": 0, "success_rate": 1 } }
              ],
              "attempts": [ { "attempts": 1, "delivered": 2, "failed": 0 }, { "attempts": 2, "delivered": 1, "failed": 0 }, { "attempts": 4, "delivered": 0, "failed": 1 } ],
              "endpoints": { "active": 0, "merchant": 5, "failures": 0, "gone": 0 }
            }
            """;
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), stats), stats.ToString());
        var later = await administrator.OkAsync($"{EndpointApi.Admin}/stats?since=2100-01-01T00:00:00Z");
        Assert.Equal(0, later.GetProperty("merchants").GetArrayLength());
        Assert.Equal(
            HttpStatusCode.BadRequest, (await administrator.CallAsync($"{EndpointApi.Admin}/stats?since=yesterday")).Status);
    }

    public void Dispose() => _administrator.Dispose();

    // The endpoint is inactive by then, so that nothing is sent, and the job is put as it would end.
    private static async Task AddDeliveryAsync(Outbox outbox, string stateAndAttempt)
    {
        var endpoint = await outbox.AddEndpointAsync(new Uri("https://example.com/"), active: false);
        await outbox.PublishAsync();
        await Sql.ExecuteAsync(outbox.Database, $"""
            insert into webhooks.jobs (kind, ref_id, lane, state, attempt, finished_at)
            select 'delivery', id, '{endpoint}', {stateAndAttempt}, now() from webhooks.deliveries where endpoint_id = '{endpoint}'
            """);
        await Sql.ExecuteAsync(
            outbox.Database, $"update webhooks.endpoints set event_types = array['task.completed'] where id = '{endpoint}'");
    }

    private async Task<Guid> AddAsync(string? disabledReason, Uri? url = null)
    {
        var id = await _outbox.AddEndpointAsync(url ?? new Uri("https://example.com/"));
        if (disabledReason is not null)
        {
            await Sql.ExecuteAsync(
                api.Database,
                $"update webhooks.endpoints set active = false, disabled_at = now(), disabled_reason = '{disabledReason}' "
                + $"where id = '{id}'");
        }

        return id;
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> ReactivateAsync(Guid id) =>
        _administrator.CallAsync(
            $"{EndpointApi.Admin}/webhooks/{id}/reactivate", new { reason = "The merchant has mended its server." });

    private async Task FindAsync(string query, params Guid[] expected)
    {
        var list = await _administrator.OkAsync($"{EndpointApi.Admin}/webhooks?merchant_id={_outbox.Merchant}{query}");

        // Two of one millisecond are in the order of their ids, whichever was made first.
        Assert.Equal(
            expected.Select(id => id.ToString()).OrderDescending(StringComparer.Ordinal), list.Values("id"),
            StringComparer.Ordinal);
    }
}
