using System.Net;
using System.Security.Cryptography;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration.Receiver.Api;

/// <summary>Keys that are configured wrong, and keys that change while the service runs.</summary>
public sealed class SigningKeyAccessTests(TestStack stack)
{
    private const string Keys = "Authentication:Schemes:Bearer:SigningKeys";

    private static readonly byte[] Another = RandomNumberGenerator.GetBytes(32);

    [Theory]
    [InlineData("Production", "tests", "")]
    [InlineData("Production", "tests", "no base64!")]
    [InlineData("Production", "another", "c2Vjb25kIGtleSBvZiB0aGUgc2FtZSBpc3N1ZXI=")]
    [InlineData("Development", "tests", "")]
    public async Task A_key_that_cannot_be_read_stops_the_start(string environment, string name, string value)
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var host = await StartAsync(
                ("environment", environment), ("Webhooks:Sources:github:Scheme", "github"),
                ($"{Keys}:{name}:Issuer", OperatorToken.Issuer), ($"{Keys}:{name}:Value", value));
        });

        Assert.Contains($"{Keys} has a key that cannot be read", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_Development_a_key_that_is_added_to_a_running_service_is_in_force()
    {
        await using var host = await StartAsync();
        using var client = host.NewClient().With(Token("later"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.CallAsync("/events")).Status);

        Change(
            host, ("Authentication:Schemes:Bearer:ValidIssuers:0", "later"),
            ($"{Keys}:later:Issuer", "later"), ($"{Keys}:later:Value", Convert.ToBase64String(Another)));

        Assert.Equal(HttpStatusCode.OK, (await client.CallAsync("/events")).Status);
    }

    [Theory]
    [InlineData("tests", "")]
    [InlineData("tests", "no base64!")]
    [InlineData("another", "c2Vjb25kIGtleSBvZiB0aGUgc2FtZSBpc3N1ZXI=")]
    public async Task In_Development_such_a_key_at_a_running_service_leaves_those_in_force(string name, string value)
    {
        await using var host = await StartAsync();
        using var old = host.NewClient().With(OperatorToken.Read);
        using var mended = host.NewClient().With(Token(OperatorToken.Issuer));

        Change(host, ($"{Keys}:{name}:Issuer", OperatorToken.Issuer), ($"{Keys}:{name}:Value", value));
        Assert.Equal(HttpStatusCode.OK, (await old.CallAsync("/events")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await mended.CallAsync("/events")).Status);

        Change(host, ($"{Keys}:another:Issuer", "nobody"), ($"{Keys}:tests:Value", Convert.ToBase64String(Another)));
        Assert.Equal(HttpStatusCode.Unauthorized, (await old.CallAsync("/events")).Status);
        Assert.Equal(HttpStatusCode.OK, (await mended.CallAsync("/events")).Status);
    }

    private static string Token(string issuer) => OperatorToken.Create(OperatorToken.Scope("events:read"), issuer, key: Another);

    private async Task<ServiceHost<SourceCatalog>> StartAsync(params (string Key, string Value)[] settings) =>
        await Stack.Services.ReceiverAsync(await stack.NewDatabaseAsync(), await stack.RedisAsync(), settings);

    private static void Change(ServiceHost<SourceCatalog> host, params (string Key, string Value)[] settings)
    {
        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        foreach (var (key, value) in settings)
        {
            configuration[key] = value;
        }

        configuration.Reload();
    }
}
