using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>Every route in every state of authentication.</summary>
public sealed class EndpointAccessTests(EndpointApi api) : IClassFixture<EndpointApi>
{
    private const string None = "00000000-0000-0000-0000-000000000000";

    private static readonly (HttpMethod Method, string Path, object? Body)[] Reads =
        [(HttpMethod.Get, "", null), (HttpMethod.Get, $"/{None}", null)];

    private static readonly (HttpMethod Method, string Path, object? Body)[] Writes =
    [
        (HttpMethod.Post, "", new { }), (HttpMethod.Patch, $"/{None}", new { }), (HttpMethod.Delete, $"/{None}", null),
        (HttpMethod.Post, $"/{None}/ping", null), (HttpMethod.Post, $"/{None}/rotate-secret", new { }),
    ];

    private readonly string _merchant = EndpointApi.NewMerchant();

    public static TheoryData<string, string?> Strangers => new()
    {
        { "no token", null },
        { "no JWT", "hunter2" },
        { "an expired one",
            OperatorToken.Create(OperatorToken.Scope("webhooks:write"), validFor: TimeSpan.FromHours(-1), merchant: "m") },
        { "one for another audience",
            OperatorToken.Create(OperatorToken.Scope("webhooks:write"), audience: "others", merchant: "m") },
        { "one of another issuer", OperatorToken.Create(OperatorToken.Scope("webhooks:write"), issuer: "others", merchant: "m") },
        { "one of another key",
            OperatorToken.Create(OperatorToken.Scope("webhooks:write"), key: RandomNumberGenerator.GetBytes(32), merchant: "m") },
    };

    public static TheoryData<string, string> Unentitled => new()
    {
        { "no scope", OperatorToken.Create(merchant: "m") },
        { "an operator's scope", OperatorToken.Of("m", "events:write") },
        { "a publisher's scope", OperatorToken.Of("m", "messages:write") },
        { "an administrator's scope", OperatorToken.Of("m", "admin") },
        { "a scope that starts alike", OperatorToken.Of("m", "webhooks:reader webhooks webhooks:") },
        { "no merchant", OperatorToken.Create(OperatorToken.Scope("webhooks:write")) },
        { "an empty merchant", OperatorToken.Of("", "webhooks:write") },
        { "a blank merchant", OperatorToken.Of(" ", "webhooks:write") },
        { "two merchants", OperatorToken.Create(OperatorToken.Scope("webhooks:write"), merchant: new[] { "m", "n" }) },
        { "a merchant that is an object",
            OperatorToken.Create(
            OperatorToken.Scope("webhooks:write"),
            merchant: new Dictionary<string, object>(StringComparer.Ordinal) { ["id"] = "m" }) },
        { "a merchant that is no name", OperatorToken.Create(OperatorToken.Scope("webhooks:write"), merchant: true) },
        { "a scope in an object",
            OperatorToken.Create(
            new("scope", new Dictionary<string, object>(StringComparer.Ordinal) { ["was"] = "a webhooks:write b" }),
            merchant: "m") },
        { "an endless merchant", OperatorToken.Of(new string('m', 256), "webhooks:write") },
    };

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task Without_a_valid_token_every_route_is_401(string with, string? token)
    {
        using var client = token is null ? api.NewClient() : api.NewClient().With(token);

        await AssertAllAsync(client, [.. Reads, .. Writes], HttpStatusCode.Unauthorized, with);
    }

    [Theory]
    [MemberData(nameof(Unentitled))]
    public async Task Without_the_scope_or_a_merchant_every_route_is_403(string with, string token)
    {
        using var client = api.NewClient().With(token);

        await AssertAllAsync(client, [.. Reads, .. Writes], HttpStatusCode.Forbidden, with);
    }

    [Fact]
    public async Task A_token_with_the_scope_and_without_a_merchant_is_told_that_a_claim_is_missing()
    {
        using var nobody = api.NewClient().With(OperatorToken.Create(OperatorToken.Scope("webhooks:write messages:write")));

        using var listed = await nobody.GetAsync(EndpointApi.Path, TestContext.Current.CancellationToken);
        using var published = await nobody.PostAsJsonAsync(
            "/api/v1/messages", new { event_type = "invoice.paid", payload = new { } }, TestContext.Current.CancellationToken);

        const string Description = "error_description=\"The token has the scope, and not the claims that the route needs.\"";
        Assert.Equal(
            $"Bearer error=\"insufficient_scope\", {Description}, scope=\"webhooks:read\"",
            listed.Headers.WwwAuthenticate.ToString());
        Assert.Equal(
            $"Bearer error=\"insufficient_scope\", {Description}, scope=\"messages:write\"",
            published.Headers.WwwAuthenticate.ToString());
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (listed.StatusCode, published.StatusCode));
    }

    [Fact]
    public async Task Who_may_read_may_not_write()
    {
        using var client = api.Of(_merchant, "webhooks:read");

        await AssertAllAsync(client, Writes, HttpStatusCode.Forbidden, "webhooks:read");
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(HttpMethod.Get, EndpointApi.Path)).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(HttpMethod.Get, "/api/v1/event-types")).Status);
    }

    [Theory]
    [InlineData("webhooks:write")]
    [InlineData("webhooks:read")]
    public async Task Administrators_routes_are_for_their_scope_alone(string scope)
    {
        using var client = api.Of(_merchant, scope);

        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(HttpMethod.Get, $"{EndpointApi.Admin}/webhooks")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(HttpMethod.Get, $"{EndpointApi.Admin}/stats")).Status);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await client.SendAsync(
            HttpMethod.Post, $"{EndpointApi.Admin}/webhooks/{None}/reactivate", new { reason = "why" })).Status);
    }

    [Fact]
    public async Task Another_merchants_endpoint_is_answered_as_one_that_never_was_and_stays_as_it_is()
    {
        await using var server = await MerchantServer.StartAsync();
        using var owner = api.Of(_merchant);
        using var other = api.Of($"{_merchant}x");
        var id = (await owner.CreateAsync(server.Url)).Id();
        var before = await owner.GetOneAsync(id);

        foreach (var (method, path, body) in Reads.Concat(Writes).Where(route => route.Path.Length > 0))
        {
            var (status, theirs) = await other.SendAsync(
                method, EndpointApi.Path + path.Replace(None, id, StringComparison.Ordinal), body);
            var (unknownStatus, unknown) = await other.SendAsync(method, EndpointApi.Path + path, body);
            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (status, unknownStatus));
            Assert.Equal(WithoutTrace(unknown), WithoutTrace(theirs));
        }

        Assert.Empty((await other.OkAsync(EndpointApi.Path)).Values("id"));
        Assert.True(JsonElement.DeepEquals(before, await owner.GetOneAsync(id)));
        Assert.Single(server.All);
    }

    private static string WithoutTrace(JsonElement problem) =>
        string.Join(
            '\n', problem.EnumerateObject().Where(member => member.Name != "trace_id").Select(member => member.ToString()));

    private static async Task AssertAllAsync(
        HttpClient client, IEnumerable<(HttpMethod Method, string Path, object? Body)> routes, HttpStatusCode expected,
        string with)
    {
        foreach (var (method, path, body) in routes)
        {
            var (status, _) = await client.SendAsync(method, EndpointApi.Path + path, body);
            Assert.True(status == expected, $"With {with}, {method} {path} is answered {status}.");
        }
    }
}
