using System.Net;
using System.Text.Json;
using System.Web;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

public sealed class PortalLinkTests(TestStack stack) : IAsyncLifetime
{
    private const string Path = "/api/v1/portal-links";

    private readonly string _merchant = EndpointApi.NewMerchant();

    private string _database = "";
    private ServiceHost<DeliveryClient> _sender = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await stack.NewDatabaseAsync();
        _sender = await SenderAsync();
    }

    public ValueTask DisposeAsync() => _sender.DisposeAsync();

    [Fact]
    public async Task A_link_has_a_token_that_opens_one_merchants_routes_until_it_expires()
    {
        var (status, link) = await MakeAsync(OperatorToken.Create(OperatorToken.Scope("portal:write")));
        Assert.Equal(HttpStatusCode.OK, status);
        var token = TokenOf(link);
        await Tables.AddEndpointAsync(_database, _merchant, new Uri("https://mine.example/"));
        await Tables.AddEndpointAsync(_database, "another", new Uri("https://theirs.example/"));
        using var portal = _sender.NewClient().With(token);

        var endpoints = await portal.OkAsync(EndpointApi.Path);
        var (admin, _) = await portal.CallAsync($"{EndpointApi.Admin}/webhooks");
        var (links, _) = await portal.CallAsync(Path, new { merchant_id = _merchant });
        var (other, _) = await portal.CallAsync($"{EndpointApi.Path}?merchant_id=another");

        Assert.Equal(["https://mine.example/"], endpoints.Values("url"));
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (admin, links));
        Assert.NotEqual(HttpStatusCode.Forbidden, other);
        Assert.InRange(
            link.GetProperty("expires_at").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(58),
            TimeSpan.FromHours(1));
        Assert.StartsWith(
            "https://console.example/portal/link?token=", link.GetProperty("url").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_Sender_accepts_the_token_and_one_with_other_keys_does_not()
    {
        var (_, link) = await MakeAsync(OperatorToken.Create(OperatorToken.Scope("portal:write")));
        await using var second = await SenderAsync();
        await using var stranger = await Services.SenderAsync(await stack.NewDatabaseAsync(), await stack.RedisAsync());

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(second, TokenOf(link)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(stranger, TokenOf(link)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(second, $"{TokenOf(link)}x"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(second, "portal_"));
    }

    [Theory]
    [InlineData("events:write", null, HttpStatusCode.Forbidden)]
    [InlineData("webhooks:write messages:write admin", null, HttpStatusCode.Forbidden)]
    [InlineData("portal:write", "another", HttpStatusCode.Forbidden)]
    [InlineData("portal:write", "", HttpStatusCode.Forbidden)]
    [InlineData("portal:write", null, HttpStatusCode.OK)]
    public async Task Links_are_for_the_scope_and_a_merchants_own_token_makes_its_own_alone(
        string scope, string? merchant, HttpStatusCode expected) =>
        Assert.Equal(expected, (await MakeAsync(OperatorToken.Create(OperatorToken.Scope(scope), merchant: merchant))).Status);

    [Theory]
    [InlineData(59)]
    [InlineData(86_401)]
    public async Task A_link_lasts_a_minute_to_a_day(long seconds)
    {
        var (status, problem) = await MakeAsync(OperatorToken.Create(OperatorToken.Scope("portal:write")), seconds);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["expires_in_seconds"], problem.Fields());
    }

    [Fact]
    public async Task Where_the_Console_is_not_known_there_is_no_link()
    {
        await using var sender = await Services.SenderAsync(_database, await stack.RedisAsync());
        using var client = sender.NewClient().With(OperatorToken.Create(OperatorToken.Scope("portal:write")));

        var (status, _) = await client.CallAsync(Path, new { merchant_id = _merchant });

        Assert.Equal(HttpStatusCode.Conflict, status);
    }

    [Fact]
    public async Task An_administrator_says_whose_endpoints_and_deliveries_and_needs_their_scope_as_well()
    {
        await Tables.AddEndpointAsync(_database, _merchant, new Uri("https://mine.example/"));
        using var reader = Client(OperatorToken.Create(OperatorToken.Scope("admin webhooks:read")));
        using var admin = Client(OperatorToken.Create(OperatorToken.Scope("admin")));
        using var other = Client(OperatorToken.Of("another", "admin webhooks:read"));
        using var nobody = Client(OperatorToken.Create(OperatorToken.Scope("webhooks:read")));
        var path = $"{EndpointApi.Path}?merchant_id={_merchant}";

        Assert.Equal(["https://mine.example/"], (await reader.OkAsync(path)).Values("url"));
        Assert.Empty((await reader.OkAsync($"/api/v1/deliveries?merchant_id={_merchant}")).Values("id"));
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.CallAsync(EndpointApi.Path)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.CallAsync($"{path}&merchant_id=another")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await admin.CallAsync(path)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.CallAsync(path)).Status);
        Assert.DoesNotContain("mine.example", (await other.CallAsync(path)).Body.ToString(), StringComparison.Ordinal);
    }

    private async Task<ServiceHost<DeliveryClient>> SenderAsync() => await Services.SenderAsync(
        _database, await stack.RedisAsync(), ("Webhooks:Links:Console", "https://console.example"));

    private HttpClient Client(string token) => _sender.NewClient().With(token);

    private async Task<(HttpStatusCode Status, JsonElement Body)> MakeAsync(string token, long? seconds = null)
    {
        using var client = Client(token);
        return await client.CallAsync(Path, new { merchant_id = _merchant, expires_in_seconds = seconds });
    }

    private static string TokenOf(JsonElement link) =>
        HttpUtility.ParseQueryString(new Uri(link.GetProperty("url").GetString()!).Query)["token"]!;

    private static async Task<HttpStatusCode> StatusAsync(ServiceHost<DeliveryClient> sender, string token)
    {
        using var client = sender.NewClient().With(token);
        return (await client.CallAsync(EndpointApi.Path)).Status;
    }
}
