using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>Making, reading, changing and deleting endpoints.</summary>
public sealed class EndpointTests(EndpointApi api) : IClassFixture<EndpointApi>, IAsyncLifetime
{
    private readonly string _merchant = EndpointApi.NewMerchant();
    private HttpClient _client = null!;
    private MerchantServer _server = null!;

    [Fact]
    public async Task A_new_endpoint_has_what_was_asked_for_and_is_found_where_Location_says()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, EndpointApi.Path)
        {
            Content = System.Net.Http.Json.JsonContent.Create(new
            {
                url = _server.Url, events = new[] { "payment.failed", "invoice.paid" }, description = "Shop", rate_limit = 50,
                headers = new Dictionary<string, string>(
                    StringComparer.Ordinal) { ["X-Key"] = "hunter2", ["Authorization"] = "Bearer hunter3" },
            }),
        };

        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var created = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var found = await _client.OkAsync(answer.Headers.Location!.OriginalString);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Equal($"{EndpointApi.Path}/{created.Id()}", answer.Headers.Location.OriginalString);
        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", created.Text("secret"));
        Assert.Equal("""["invoice.paid","payment.failed"]""", found.GetProperty("events").GetRawText());
        Assert.Equal(
            (_server.Url.ToString(), "Shop", "v1", "active"),
            (found.Text("url"), found.Text("description"), found.Text("signature"), found.Text("state")));
        Assert.Equal("""{"Authorization":"***","X-Key":"***"}""", found.GetProperty("headers").GetRawText());
        Assert.Equal(
            (50, 0, 0),
            (found.GetProperty("rate_limit").GetInt32(), found.GetProperty("failed_deliveries").GetInt32(),
            found.GetProperty("circuit").GetProperty("failed_attempts").GetInt32()));
        Assert.Null(found.Text("disabled_reason"));
        Assert.Null(found.Text("public_key"));
        Assert.Single(found.GetProperty("secrets").EnumerateArray());

        // The answer of the creation is the endpoint, and the two members that it alone has.
        Assert.Equal(
            ["ping", "secret"], Members(created).Except(Members(found), StringComparer.Ordinal).Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
        Assert.All(
            found.EnumerateObject(), member =>
                Assert.True(JsonElement.DeepEquals(member.Value, created.GetProperty(member.Name)), member.Name));
    }

    [Fact]
    public async Task An_endpoint_gets_messages_with_its_headers_signed_with_the_secret_that_was_shown()
    {
        var created = await _client.CreateAsync(new { url = _server.Url, headers = new { Authorization = "Bearer hunter3" } });
        await _server.NextAsync();

        await Tables.PublishAsync(api.Database, new NewMessage(_merchant, "invoice.paid", "{}"u8.ToArray(), "one"));
        var request = await _server.NextAsync();

        Assert.Equal("Bearer hunter3", request.Headers["Authorization"]);
        Assert.True(request.IsSignedWith(created.Text("secret")!));
    }

    [Fact]
    public async Task A_v1a_endpoint_has_a_public_key_and_shares_no_secret()
    {
        var created = await _client.CreateAsync(new { url = _server.Url, signature = "v1a" });
        var ping = await _server.NextAsync();

        Assert.Matches("^whpk_[A-Za-z0-9+/]{43}=$", created.Text("public_key"));
        Assert.Null(created.Text("secret"));
        Assert.Equal(created.Text("public_key"), (await _client.GetOneAsync(created.Id())).Text("public_key"));
        Assert.True(ping.IsVerifiedBy(created.Text("public_key")!));
    }

    [Fact]
    public async Task The_list_is_the_merchants_own_newest_first_page_by_page()
    {
        using var other = api.Of(EndpointApi.NewMerchant());
        await other.CreateAsync(_server.Url);
        var ids = new List<string>();
        for (var number = 0; number < 3; number++)
        {
            ids.Add((await _client.CreateAsync(_server.Url)).Id());
        }

        var first = await _client.OkAsync($"{EndpointApi.Path}?limit=2");
        var second = await _client.OkAsync($"{EndpointApi.Path}?limit=2&cursor={first.Cursor()}");

        Assert.Equal(
            ids.OrderDescending(StringComparer.Ordinal), [.. first.Values("id"), .. second.Values("id")], StringComparer.Ordinal);
        Assert.Null(second.Cursor());
    }

    [Fact]
    public async Task A_change_changes_what_it_names_alone()
    {
        var id = (
            await _client.CreateAsync(
                new { url = _server.Url, events = new[] { "invoice.paid" }, description = "Shop", rate_limit = 5,
                    headers = new { a = "1", b = "2" } })).Id();
        var other = (await _client.CreateAsync(new { url = _server.Url, description = "Other" })).Id();
        var before = await _client.GetOneAsync(id);

        var unchanged = await _client.PatchAsync(id, new { });
        Assert.Equal(["updated_at"], Differences(before, unchanged), StringComparer.Ordinal);
        var described = await _client.PatchAsync(id, new { description = "" });
        Assert.Equal(["description", "updated_at"], Differences(unchanged, described), StringComparer.Ordinal);
        var typed = await _client.PatchAsync(id, new { events = Array.Empty<string>() });
        Assert.Equal(["events", "updated_at"], Differences(described, typed), StringComparer.Ordinal);
        var limited = await _client.PatchAsync(id, new { rate_limit = (int?)null });
        Assert.Equal(["rate_limit", "updated_at"], Differences(typed, limited), StringComparer.Ordinal);
        var headed = await _client.PatchAsync(id, new { headers = new { b = "***", c = "3" } });
        Assert.Equal(["headers", "updated_at"], Differences(limited, headed), StringComparer.Ordinal);
        Assert.Equal("""{"b":"***","c":"***"}""", headed.GetProperty("headers").GetRawText());

        Assert.Equal("Other", (await _client.GetOneAsync(other)).Text("description"));
        await _client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/ping");
        var ping = Assert.Single(_server.All, request => request.Headers.ContainsKey("c"));
        Assert.Equal(("2", "3", false), (ping.Headers["b"], ping.Headers["c"], ping.Headers.ContainsKey("a")));
    }

    [Fact]
    public async Task A_kept_header_has_the_value_that_another_request_stored_meanwhile()
    {
        var id = (await _client.CreateAsync(new { url = _server.Url, headers = new { a = "1", b = "1" } })).Id();
        await using var moved = await MerchantServer.StartAsync(async (request, _) =>
        {
            // The ping of the first request is answered when the second request is stored.
            if (request.Number == 1)
            {
                await _client.PatchAsync(id, new { headers = new { a = "2", b = "***" } });
            }
        });

        await _client.PatchAsync(id, new { url = moved.Url, headers = new { a = "***", b = "3" } });
        await _client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/ping");

        var ping = moved.All.Last();
        Assert.Equal(("2", "3"), (ping.Headers["a"], ping.Headers["b"]));
    }

    [Fact]
    public async Task A_merchant_makes_an_endpoint_inactive_and_active_again()
    {
        var id = (await _client.CreateAsync(_server.Url)).Id();

        var inactive = await _client.PatchAsync(id, new { active = false });
        await Sql.ExecuteAsync(
            api.Database,
            $"update webhooks.endpoints set failed_deliveries = 3, failed_attempts = 4, failing_since = now() where id = '{id}'");
        await Tables.HoldAsync(api.Database, Guid.Parse(id), "1 hour");
        var active = await _client.PatchAsync(id, new { active = true });

        Assert.Equal(("inactive", "merchant"), (inactive.Text("state"), inactive.Text("disabled_reason")));
        Assert.NotNull(inactive.Text("disabled_at"));
        Assert.Equal(("active", null, null), (active.Text("state"), active.Text("disabled_reason"), active.Text("disabled_at")));
        Assert.Equal("""{"failed_attempts":0,"held_until":null}""", active.GetProperty("circuit").GetRawText());
        Assert.Equal(0, active.GetProperty("failed_deliveries").GetInt32());
        Assert.Equal(1, await Sql.CountAsync(api.Database, $"webhooks.endpoints where id = '{id}' and failing_since is null"));
    }

    [Theory]
    [InlineData("failures")]
    [InlineData("gone")]
    public async Task What_was_made_inactive_for_failing_is_not_reactivated_by_its_merchant(string reason)
    {
        var id = (await _client.CreateAsync(_server.Url)).Id();
        await Sql.ExecuteAsync(
            api.Database,
            $"update webhooks.endpoints set active = false, disabled_at = now(), disabled_reason = '{reason}' where id = '{id}'");

        // Nor by making it inactive first, or by another URL.
        Assert.Equal(reason, (await _client.PatchAsync(id, new { active = false })).Text("disabled_reason"));
        Assert.Equal(
            reason, (await _client.PatchAsync(id, new { url = new Uri(_server.Url, "/other") })).Text("disabled_reason"));
        var (status, problem) = await _client.SendAsync(
            HttpMethod.Patch, $"{EndpointApi.Path}/{id}", new { active = true, description = "changed" });

        Assert.Equal((HttpStatusCode.Conflict, "Only an administrator can reactivate the endpoint."), (status, problem.Text("title")));
        Assert.Equal(
            ("inactive", ""),
            ((await _client.GetOneAsync(id)).Text("state"), (await _client.GetOneAsync(id)).Text("description")));
    }

    [Fact]
    public async Task A_change_of_an_active_endpoint_keeps_what_its_circuit_counts_and_another_URL_begins_anew()
    {
        var id = (await _client.CreateAsync(_server.Url)).Id();
        await Sql.ExecuteAsync(
            api.Database, $"update webhooks.endpoints set failed_attempts = 4, failing_since = now() where id = '{id}'");
        await Tables.HoldAsync(api.Database, Guid.Parse(id), "1 hour");

        var same = await _client.PatchAsync(id, new { active = true, url = _server.Url, description = "x" });
        var other = await _client.PatchAsync(id, new { url = new Uri(_server.Url, "/other") });

        Assert.Equal(4, same.GetProperty("circuit").GetProperty("failed_attempts").GetInt32());
        Assert.NotNull(same.GetProperty("circuit").Text("held_until"));
        Assert.Equal("""{"failed_attempts":0,"held_until":null}""", other.GetProperty("circuit").GetRawText());
    }

    [Fact]
    public async Task What_waits_for_the_end_of_a_hold_is_due_when_the_endpoint_gets_another_URL()
    {
        var id = (await _client.CreateAsync(_server.Url)).Id();
        var outbox = new Outbox(api.Database, _merchant);
        await Sql.ExecuteAsync(
            api.Database, $"update webhooks.endpoints set failed_attempts = 5, failing_since = now() where id = '{id}'");
        await Tables.HoldAsync(api.Database, Guid.Parse(id), "1 hour");
        await outbox.PublishAsync();

        await _client.PatchAsync(id, new { url = new Uri(_server.Url, "/other") });

        Assert.Equal("done", (await outbox.FinishedJobAsync()).State);
    }

    [Fact]
    public async Task An_endpoint_without_a_secret_can_neither_be_tried_nor_made_active_until_its_secret_is_rotated()
    {
        // As endpoints are that were made before there was an API.
        var id = (await _client.CreateAsync(new { url = _server.Url, active = false })).Id();
        await Sql.ExecuteAsync(api.Database, $"delete from webhooks.endpoint_secrets where endpoint_id = '{id}'");

        Assert.Equal(
            HttpStatusCode.Conflict,
            (await _client.SendAsync(HttpMethod.Patch, $"{EndpointApi.Path}/{id}", new { active = true })).Status);
        Assert.Equal(
            HttpStatusCode.Conflict,
            (await _client.SendAsync(
            HttpMethod.Patch, $"{EndpointApi.Path}/{id}", new { url = new Uri(_server.Url, "/other") })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await _client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/ping")).Status);
        await _client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/rotate-secret", new { });

        Assert.Equal("active", (await _client.PatchAsync(id, new { active = true })).Text("state"));
    }

    public async ValueTask InitializeAsync()
    {
        _client = api.Of(_merchant);
        _server = await MerchantServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private static IEnumerable<string> Members(JsonElement endpoint) => endpoint.EnumerateObject().Select(member => member.Name);

    private static IEnumerable<string> Differences(JsonElement one, JsonElement other) =>
        Members(one).Where(name => !JsonElement.DeepEquals(one.GetProperty(name), other.GetProperty(name)))
            .Order(StringComparer.Ordinal);
}
