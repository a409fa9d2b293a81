using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>A secret is replaced while the one before still signs.</summary>
public sealed class EndpointSecretRotationTests(EndpointApi api) : IClassFixture<EndpointApi>, IAsyncLifetime
{
    private HttpClient _client = null!;
    private MerchantServer _server = null!;

    [Fact]
    public async Task The_old_secret_signs_beside_the_new_one_for_a_day()
    {
        var created = await _client.CreateAsync(_server.Url);
        var earliest = TimeProvider.System.GetUtcNow();

        var rotated = await RotateAsync(created.Id(), new { });
        var ping = await PingAsync(created.Id());

        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", rotated.Text("secret"));
        Assert.NotEqual(created.Text("secret"), rotated.Text("secret"), StringComparer.Ordinal);
        Assert.InRange(
            rotated.GetProperty("others_expire_at").GetDateTimeOffset() - earliest, TimeSpan.FromHours(24),
            TimeSpan.FromHours(24) + TimeSpan.FromMinutes(5));
        Assert.Equal(2, ping.Signatures());
        Assert.True(ping.IsSignedWith(rotated.Text("secret")!));
        Assert.True(ping.IsSignedWith(created.Text("secret")!));
        var secrets = (await _client.GetOneAsync(created.Id())).GetProperty("secrets").EnumerateArray().ToList();
        Assert.Equal(JsonValueKind.Null, secrets[0].GetProperty("expires_at").ValueKind);
        Assert.Equal(
            rotated.GetProperty("others_expire_at").GetDateTimeOffset(), secrets[1].GetProperty("expires_at").GetDateTimeOffset(),
            TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task Without_a_body_the_secret_is_rotated_as_with_an_empty_object()
    {
        var created = await _client.CreateAsync(_server.Url);

        var (status, rotated) = await _client.SendAsync(
            HttpMethod.Post, $"{EndpointApi.Path}/{created.Id()}/rotate-secret");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", rotated.Text("secret"));
        Assert.InRange(
            rotated.GetProperty("others_expire_at").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(),
            TimeSpan.FromHours(23), TimeSpan.FromHours(24));
    }

    [Fact]
    public async Task A_secret_that_has_expired_signs_no_more_and_is_not_kept_beyond_the_next_rotation()
    {
        var created = await _client.CreateAsync(_server.Url);
        var rotated = await RotateAsync(created.Id(), new { overlap_seconds = 3600 });
        await Sql.ExecuteAsync(
            api.Database,
            $"update webhooks.endpoint_secrets set expires_at = now() - interval '1 second' where endpoint_id = "
            + $"'{created.Id()}' and expires_at is not null");

        var ping = await PingAsync(created.Id());
        Assert.Equal((1, true), (ping.Signatures(), ping.IsSignedWith(rotated.Text("secret")!)));
        Assert.Single((await _client.GetOneAsync(created.Id())).GetProperty("secrets").EnumerateArray());

        await RotateAsync(created.Id(), new { });
        Assert.Equal(2, await CountAsync(created.Id()));
    }

    [Fact]
    public async Task Without_overlap_the_new_secret_signs_alone_whatever_was_before()
    {
        var created = await _client.CreateAsync(_server.Url);
        await RotateAsync(created.Id(), new { });

        var rotated = await RotateAsync(created.Id(), new { overlap_seconds = 0 });
        var ping = await PingAsync(created.Id());

        Assert.Equal((1, true), (ping.Signatures(), ping.IsSignedWith(rotated.Text("secret")!)));
        Assert.Equal(1, await CountAsync(created.Id()));
    }

    [Fact]
    public async Task A_v1a_endpoint_gets_another_public_key_and_both_verify()
    {
        var created = await _client.CreateAsync(new { url = _server.Url, signature = "v1a" });

        var rotated = await RotateAsync(created.Id(), new { });
        var ping = await PingAsync(created.Id());

        Assert.Equal(JsonValueKind.Null, rotated.GetProperty("secret").ValueKind);
        Assert.Equal(rotated.Text("public_key"), (await _client.GetOneAsync(created.Id())).Text("public_key"));
        Assert.True(ping.IsVerifiedBy(rotated.Text("public_key")!));
        Assert.True(ping.IsVerifiedBy(created.Text("public_key")!));
    }

    [Fact]
    public async Task Five_secrets_sign_at_once_and_no_sixth()
    {
        var created = await _client.CreateAsync(_server.Url);
        var secrets = new List<string> { created.Text("secret")! };
        for (var number = 0; number < 4; number++)
        {
            secrets.Add((await RotateAsync(created.Id(), new { })).Text("secret")!);
        }

        var (status, problem) = await _client.SendAsync(
            HttpMethod.Post, $"{EndpointApi.Path}/{created.Id()}/rotate-secret", new { });
        var ping = await PingAsync(created.Id());

        Assert.Equal(
            (HttpStatusCode.Conflict, "An endpoint has at most 5 signing secrets."), (status, problem.Text("title")));
        Assert.Equal(5, ping.Signatures());
        Assert.All(secrets, secret => Assert.True(ping.IsSignedWith(secret)));
    }

    [Fact]
    public async Task Of_rotations_at_once_each_is_done_after_the_other_or_refused()
    {
        var created = await _client.CreateAsync(_server.Url);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            _client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{created.Id()}/rotate-secret", new { })));
        var ping = await PingAsync(created.Id());

        Assert.Equal(4, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Equal(16, answers.Count(answer => answer.Status == HttpStatusCode.Conflict));
        Assert.All(
            answers.Where(answer => answer.Status == HttpStatusCode.OK), answer =>
                Assert.True(ping.IsSignedWith(answer.Body.Text("secret")!)));
        Assert.Equal(
            1, await Sql.CountAsync(
                api.Database, $"webhooks.endpoint_secrets where endpoint_id = '{created.Id()}' and expires_at is null"));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(86_401)]
    public async Task An_overlap_is_from_0_to_86400_seconds(int seconds)
    {
        var created = await _client.CreateAsync(_server.Url);

        var (status, problem) = await _client.SendAsync(
            HttpMethod.Post, $"{EndpointApi.Path}/{created.Id()}/rotate-secret", new { overlap_seconds = seconds });

        Assert.Equal((HttpStatusCode.BadRequest, "overlap_seconds"), (status, Assert.Single(problem.Fields())));
        Assert.Equal(1, await CountAsync(created.Id()));
    }

    public async ValueTask InitializeAsync()
    {
        _client = api.Of(EndpointApi.NewMerchant());
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

    private Task<long> CountAsync(string id) =>
        Sql.CountAsync(api.Database, $"webhooks.endpoint_secrets where endpoint_id = '{id}'");

    private async Task<MerchantRequest> PingAsync(string id)
    {
        await _client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/ping");
        return _server.All.Last();
    }

    private async Task<JsonElement> RotateAsync(string id, object body)
    {
        var (status, rotated) = await _client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/rotate-secret", body);
        Assert.True(status == HttpStatusCode.OK, $"{status}: {rotated}");
        return rotated;
    }
}
