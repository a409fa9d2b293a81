using System.Net;
using System.Security.Cryptography;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver.Api;

/// <summary>Whom a token must be for, by its issuer and the service's environment.</summary>
public sealed class AudienceAccessTests(TestStack stack)
{
    private const string UserJwts = "dotnet-user-jwts";
    private const string ThisMachine = "http://localhost:5102";

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    [Fact]
    public async Task In_Development_a_developers_token_may_be_for_any_URL_of_this_machine()
    {
        await using var host = await StartAsync("Development");

        await AssertAsync(
            host, HttpStatusCode.OK, UserJwts,
            ThisMachine, "https://LOCALHOST", "http://127.0.0.1:5103", "http://[::1]:1", OperatorToken.Audience);
        await AssertAsync(
            host, HttpStatusCode.Unauthorized, UserJwts,
            "https://example.com", "http://localhost.example.com", "http://localhost@example.com", "http://10.0.0.1",
            "localhost", "//localhost", "file:///tmp", "ftp://localhost", "something", "");
        await AssertAsync(host, HttpStatusCode.OK, OperatorToken.Issuer, OperatorToken.Audience);
        await AssertAsync(host, HttpStatusCode.Unauthorized, OperatorToken.Issuer, ThisMachine, "http://localhost:5101");
    }

    [Fact]
    public async Task Elsewhere_every_token_is_for_a_configured_audience()
    {
        await using var host = await StartAsync("Production");

        foreach (var issuer in new[] { UserJwts, OperatorToken.Issuer })
        {
            await AssertAsync(host, HttpStatusCode.OK, issuer, OperatorToken.Audience);
            await AssertAsync(host, HttpStatusCode.Unauthorized, issuer, ThisMachine, "http://localhost:5101", "something");
        }
    }

    private async Task<ServiceHost<SourceCatalog>> StartAsync(string environment) => await Stack.Services.ReceiverAsync(
        await stack.NewDatabaseAsync(), await stack.RedisAsync(),
        ("environment", environment), ("Webhooks:Sources:github:Scheme", "github"),
        ("Authentication:Schemes:Bearer:ValidIssuers:0", environment == "Development" ? "" : UserJwts),
        ("Authentication:Schemes:Bearer:SigningKeys:0:Issuer", UserJwts),
        ("Authentication:Schemes:Bearer:SigningKeys:0:Value", Convert.ToBase64String(Key)));

    private static async Task AssertAsync(
        ServiceHost<SourceCatalog> host, HttpStatusCode expected, string issuer, params string[] audiences)
    {
        foreach (var audience in audiences)
        {
            var key = issuer == UserJwts ? Key : null;
            var token = OperatorToken.Create(OperatorToken.Scope("events:read"), issuer, audience, key);
            using var client = host.NewClient().With(token);
            Assert.Equal((issuer, audience, expected), (issuer, audience, (await client.CallAsync("/events?limit=1")).Status));
        }
    }
}
