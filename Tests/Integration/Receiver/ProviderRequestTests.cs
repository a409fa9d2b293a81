using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>What a Receiver fetches from a provider, and what it shows of it to operators.</summary>
public sealed class ProviderRequestTests(TestStack stack) : IAsyncLifetime
{
    private const string Body = """{"type":"order.paid","account":"acme","id":1}""";

    private readonly RSA _key = RSA.Create(2048);
    private MerchantServer _provider = null!;
    private ServiceHost<SourceCatalog> _receiver = null!;
    private string _database = "";
    private int _status = 200;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await MerchantServer.StartAsync(async (_, context) =>
        {
            context.Response.StatusCode = _status;
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(_key.ExportSubjectPublicKeyInfoPem()), Cancellation);
        });
        _database = await stack.NewDatabaseAsync();
        const string Scheme = "Webhooks:Schemes:public-keys";
        _receiver = await Services.ReceiverAsync(
            _database, await stack.RedisAsync(),
            ("Webhooks:Egress:Loopback:0", "127.0.0.1:*"),
            ("Webhooks:Egress:Loopback:1", "localhost:*"),
            ($"{Scheme}:SignatureHeader", "X-Signature"),
            ($"{Scheme}:Algorithm", "RsaSha256"),
            ($"{Scheme}:Encoding", "Base64"),
            ($"{Scheme}:KeyUrlAt", "header:X-Cert-Url"),
            ($"{Scheme}:KeyHosts:0", "127.0.0.1"),
            ($"{Scheme}:IdentityAt", "body:/account"),
            ($"{Scheme}:Handshakes:0:When:0", "body:/type=confirm"),
            ($"{Scheme}:Handshakes:0:Challenge", "body:/url"),
            ($"{Scheme}:Handshakes:0:Action", "Fetch"),
            ("Webhooks:Sources:acme:Scheme", "public-keys"),
            ("Webhooks:Sources:acme:Identity:0", "acme"),
            ("Webhooks:Sources:notes:Scheme", "notion"),
            ("WEBHOOK_SECRET_NOTES", "not-known-yet"));
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _provider.DisposeAsync();
        _key.Dispose();
    }

    [Fact]
    public async Task A_key_is_fetched_once_from_the_host_of_the_provider_and_verifies()
    {
        using var client = _receiver.NewClient();

        var answers = await client.PostAllAsync([Signed(Body), Signed(Body.Replace('1', '2')), Signed(Body.Replace('1', '3'))]);
        var forged = await client.PostAsync(Signed(Body, signed: Body + " "));
        var other = await client.PostAsync(Signed(Body.Replace("acme", "other", StringComparison.Ordinal)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (forged.Status, other.Status));
        Assert.Single(_provider.All);
        Assert.Equal(3, await Sql.CountAsync(_database, "webhooks.inbound_events"));
    }

    [Theory]
    [InlineData("http://localhost:{0}/key.pem")]
    [InlineData("http://127.0.0.1.example.com/key.pem")]
    [InlineData("http://user@127.0.0.1:{0}/key.pem")]
    [InlineData("file:///etc/passwd")]
    [InlineData("key.pem")]
    public async Task Nothing_is_fetched_from_another_host(string url)
    {
        using var client = _receiver.NewClient();

        var answer = await client.PostAsync(Signed(Body, url: string.Format(url, _provider.Port)));

        Assert.True(answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.ServiceUnavailable, $"{answer.Status}");
        Assert.Empty(_provider.All);
        Assert.Equal(0, await Sql.CountAsync(_database, "webhooks.inbound_events"));
    }

    [Fact]
    public async Task A_request_is_to_be_sent_again_while_the_key_cannot_be_fetched()
    {
        using var client = _receiver.NewClient();
        _status = 500;
        var before = await client.PostAsync(Signed(Body));
        _status = 200;
        var after = await client.PostAsync(Signed(Body));
        _status = 500;
        var known = await client.PostAsync(Signed(Body.Replace('1', '2')));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, before.Status);
        Assert.NotNull(before.RetryAfter);
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (after.Status, known.Status));
    }

    [Fact]
    public async Task A_subscription_is_confirmed_by_fetching_its_URL_from_the_host_of_the_provider()
    {
        using var client = _receiver.NewClient();
        var confirm = $$"""{"type":"confirm","account":"acme","url":"{{new Uri(_provider.Url, "/confirm")}}"}""";

        var confirmed = await client.PostAsync(Signed(confirm));
        var elsewhere = await client.PostAsync(
            Signed(confirm.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)));
        var stranger = await client.PostAsync(Signed(confirm.Replace("acme", "other", StringComparison.Ordinal)));

        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.Unauthorized),
            (confirmed.Status, elsewhere.Status, stranger.Status));
        Assert.Equal("/key.pem /confirm", string.Join(' ', _provider.All.Select(request => request.Path)));
        Assert.Equal(0, await Sql.CountAsync(_database, "webhooks.inbound_events"));
    }

    [Fact]
    public async Task A_verification_token_is_shown_to_operators_alone_and_not_stored()
    {
        using var client = _receiver.NewClient();
        using var reader = _receiver.NewClient().With(OperatorToken.Read);
        using var writer = _receiver.NewClient().With(OperatorToken.Write);
        var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/notes")
        {
            Content = Delivery.Json("""{"verification_token":"secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"}"""),
        };

        var answer = await client.PostAsync(request);
        using var anonymous = await client.GetAsync("/verification-tokens", Cancellation);
        using var forbidden = await reader.GetAsync("/verification-tokens", Cancellation);
        var shown = JsonElement.Parse(await writer.GetStringAsync("/verification-tokens", Cancellation));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden), (anonymous.StatusCode, forbidden.StatusCode));
        var token = Assert.Single(shown.GetProperty("data").EnumerateArray());
        Assert.Equal(
            ("notes", "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"),
            (token.GetProperty("source").GetString(), token.GetProperty("token").GetString()));
        Assert.Equal(0, await Sql.CountAsync(_database, "webhooks.inbound_events"));
    }

    private HttpRequestMessage Signed(string body, string? signed = null, string? url = null)
    {
        var signature = _key.SignData(
            Encoding.UTF8.GetBytes(signed ?? body), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/acme") { Content = Delivery.Json(body) };
        request.Headers.TryAddWithoutValidation("X-Signature", Convert.ToBase64String(signature));
        request.Headers.TryAddWithoutValidation("X-Cert-Url", url ?? new Uri(_provider.Url, "/key.pem").ToString());
        return request;
    }
}
