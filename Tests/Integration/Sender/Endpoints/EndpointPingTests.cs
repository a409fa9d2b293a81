using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>An endpoint is tried before it is kept, against real servers.</summary>
public sealed class EndpointPingTests(EndpointApi api, TestStack stack) : IClassFixture<EndpointApi>, IDisposable
{
    private const string Leak = "hunter2-from-the-answer";

    private readonly HttpClient _client = api.Of(EndpointApi.NewMerchant());

    [Fact]
    public async Task A_ping_is_a_signed_POST_that_says_what_it_is_and_leaves_no_message()
    {
        await using var server = await MerchantServer.StartAsync();

        var created = await _client.CreateAsync(new { url = server.Url, headers = new { authorization = "Bearer hunter3" } });
        var ping = await server.NextAsync();
        var body = JsonElement.Parse(ping.Text);

        Assert.Equal(("webhook.ping", created.Id()), (body.Text("type"), body.GetProperty("data").Text("endpoint_id")));
        Assert.Equal(("application/json", "Bearer hunter3"), (ping.Headers["Content-Type"], ping.Headers["Authorization"]));
        Assert.True(ping.IsSignedWith(created.Text("secret")!));
        Assert.Equal(0, await Sql.CountAsync(api.Database, $"webhooks.deliveries where endpoint_id = '{created.Id()}'"));
        Assert.Equal(0, await Sql.CountAsync(api.Database, $"webhooks.jobs where lane = '{created.Id()}'"));
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(204, true)]
    [InlineData(401, true)]
    [InlineData(403, true)]
    [InlineData(301, false)]
    [InlineData(302, false)]
    [InlineData(307, false)]
    [InlineData(308, false)]
    [InlineData(400, false)]
    [InlineData(404, false)]
    [InlineData(405, false)]
    [InlineData(410, false)]
    [InlineData(429, false)]
    [InlineData(500, false)]
    [InlineData(503, false)]
    public async Task An_answer_of_2xx_401_or_403_is_fine_and_no_other(int status, bool isFine)
    {
        await using var elsewhere = await MerchantServer.StartAsync();
        await using var server = await MerchantServer.StartAsync(async (_, context) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = elsewhere.Url.ToString();
            if (status != 204)
            {
                await context.Response.WriteAsync(Leak);
            }
        });

        var (answered, body) = await _client.SendAsync(HttpMethod.Post, EndpointApi.Path, new { url = server.Url });

        Assert.Equal(isFine ? HttpStatusCode.Created : HttpStatusCode.UnprocessableEntity, answered);
        var ping = body.GetProperty("ping");
        Assert.Equal(
            (isFine, status, status < 300 ? "delivered" : "http_status"),
            (ping.GetProperty("ok").GetBoolean(), ping.GetProperty("status_code").GetInt32(), ping.Text("outcome")));
        Assert.StartsWith($"The endpoint answered {status}", ping.Text("detail"), StringComparison.Ordinal);
        Assert.True(ping.GetProperty("latency_ms").GetInt32() >= 0);
        Assert.DoesNotContain(Leak, body.GetRawText(), StringComparison.Ordinal);
        Assert.Empty(elsewhere.All);
        await AssertStoredAsync(isFine, body);
    }

    [Fact]
    public async Task A_refused_connection_is_reported_as_network()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        await AssertUnreachableAsync(new Uri($"http://127.0.0.1:{port}/"), "network");
    }

    [Fact]
    public async Task A_server_that_never_answers_is_reported_as_timeout()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        await AssertUnreachableAsync(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"), "timeout");
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_reported_as_tls()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using var server = await MerchantServer.StartAsync(certificate: certificate);

        await AssertUnreachableAsync(new Uri($"https://127.0.0.1:{server.Port}/"), "tls");
        Assert.Empty(server.All);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_reported_as_network() =>
        await AssertUnreachableAsync(new Uri("https://nowhere.invalid/"), "network");

    [Fact]
    public async Task Another_URL_is_kept_once_it_has_answered()
    {
        await using var server = await MerchantServer.StartAsync();
        await using var bad = await MerchantServer.StartAsync(500);
        await using var good = await MerchantServer.StartAsync(401);
        var created = await _client.CreateAsync(server.Url);

        var (status, problem) = await _client.SendAsync(
            HttpMethod.Patch, $"{EndpointApi.Path}/{created.Id()}", new { url = bad.Url, description = "changed" });
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, 500),
            (status, problem.GetProperty("ping").GetProperty("status_code").GetInt32()));
        Assert.Equal(
            (server.Url.ToString(), ""),
            ((await _client.GetOneAsync(created.Id())).Text("url"),
            (await _client.GetOneAsync(created.Id())).Text("description")));

        await _client.PatchAsync(created.Id(), new { url = good.Url });
        Assert.Equal(good.Url.ToString(), (await _client.GetOneAsync(created.Id())).Text("url"));
        Assert.True((await good.NextAsync()).IsSignedWith(created.Text("secret")!));
        Assert.Single(server.All);

        // The same URL is not another one.
        await _client.PatchAsync(created.Id(), new { url = good.Url });
        Assert.Single(good.All);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(410, false)]
    [InlineData(500, false)]
    public async Task An_endpoint_is_tried_on_request_and_stays_as_it_is_whatever_it_answers(int status, bool isFine)
    {
        await using var server = await MerchantServer.StartAsync(200, status);
        var created = await _client.CreateAsync(server.Url);
        var before = await _client.GetOneAsync(created.Id());

        var (answered, ping) = await _client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{created.Id()}/ping");

        Assert.Equal(
            (HttpStatusCode.OK, isFine, status),
            (answered, ping.GetProperty("ok").GetBoolean(), ping.GetProperty("status_code").GetInt32()));
        Assert.True(JsonElement.DeepEquals(before, await _client.GetOneAsync(created.Id())));
    }

    [Fact]
    public async Task A_merchant_that_pings_too_often_is_told_when_to_come_back_and_another_is_not()
    {
        await using var sender = await Services.SenderAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("Webhooks:Pings:PerMinute", "2"));
        await using var server = await MerchantServer.StartAsync();
        using var client = sender.NewClient().With(OperatorToken.Of("one", "webhooks:write"));
        using var other = sender.NewClient().With(OperatorToken.Of("other", "webhooks:write"));
        var id = (await client.CreateAsync(server.Url)).Id();
        await client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/ping");

        using var refused = await client.PostAsync($"{EndpointApi.Path}/{id}/ping", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.Equal(
            HttpStatusCode.TooManyRequests,
            (await client.SendAsync(HttpMethod.Post, EndpointApi.Path, new { url = server.Url })).Status);
        Assert.Equal(
            HttpStatusCode.TooManyRequests,
            (await client.SendAsync(
            HttpMethod.Patch, $"{EndpointApi.Path}/{id}", new { url = new Uri(server.Url, "/other") })).Status);
        Assert.Equal(2, server.All.Count);
        await other.CreateAsync(server.Url);
    }

    public void Dispose() => _client.Dispose();

    private async Task AssertUnreachableAsync(Uri url, string outcome)
    {
        var (status, problem) = await _client.SendAsync(HttpMethod.Post, EndpointApi.Path, new { url });

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "The endpoint cannot be reached."), (status, problem.Text("title")));
        var ping = problem.GetProperty("ping");
        Assert.Equal(
            (false, outcome, JsonValueKind.Null),
            (ping.GetProperty("ok").GetBoolean(), ping.Text("outcome"), ping.GetProperty("status_code").ValueKind));
        Assert.NotEmpty(ping.Text("detail")!);
        Assert.Equal(ping.Text("detail"), problem.GetProperty("errors").GetProperty("url")[0].GetString());
        await AssertStoredAsync(false, problem);
    }

    private async Task AssertStoredAsync(bool isStored, JsonElement answer)
    {
        var list = (await _client.OkAsync(EndpointApi.Path)).Values("id");
        Assert.Equal(isStored ? [answer.Id()] : [], list, StringComparer.Ordinal);
    }
}
