using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>Where a secret is, and where it is not.</summary>
public sealed class SecretExposureTests(EndpointApi api, TestStack stack) : IClassFixture<EndpointApi>
{
    private const string Credential = "hunter2-of-a-merchant";

    private readonly string _merchant = EndpointApi.NewMerchant();

    [Fact]
    public async Task A_secret_is_in_the_answers_of_creation_and_rotation_and_in_no_other()
    {
        await using var server = await MerchantServer.StartAsync(200, 200, 500);
        using var client = api.Of(_merchant);
        using var administrator = api.Administrator();
        var created = await client.CreateAsync(Request(server.Url));
        var (_, rotated) = await client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{created.Id()}/rotate-secret", new { });
        string[] secrets = [.. new[] { created.Text("secret")!, rotated.Text("secret")! }.SelectMany(Spellings), Credential];

        JsonElement[] answers =
        [
            await client.GetOneAsync(created.Id()),
            await client.OkAsync(EndpointApi.Path),
            await client.PatchAsync(created.Id(), new { description = "x", url = new Uri(server.Url, "/other") }),
            (await client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{created.Id()}/ping")).Body,
            (await client.SendAsync(
                HttpMethod.Patch, $"{EndpointApi.Path}/{created.Id()}", new { url = new Uri(server.Url, "/fails") })).Body,
            await administrator.OkAsync($"{EndpointApi.Admin}/webhooks?merchant_id={_merchant}"),
            await administrator.OkAsync($"{EndpointApi.Admin}/stats"),
        ];

        Assert.Contains("hunter2", server.All.First().Headers["Authorization"], StringComparison.Ordinal);
        Assert.All(
            answers, answer =>
                Assert.All(secrets, secret => Assert.DoesNotContain(secret, answer.GetRawText(), StringComparison.Ordinal)));
        Assert.DoesNotContain(Credential, created.GetRawText() + rotated.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v1a")]
    public async Task Neither_a_secret_nor_a_header_is_plain_text_in_any_table(string signature)
    {
        await using var server = await MerchantServer.StartAsync();
        using var client = api.Of(_merchant);
        var created = await client.CreateAsync(Request(server.Url, signature));

        var stored = await Sql.ScalarAsync<string>(
            api.Database, $"select protected from webhooks.endpoint_secrets where endpoint_id = '{created.Id()}'");
        var headers = await Sql.ScalarAsync<string>(
            api.Database, $"select headers from webhooks.endpoints where id = '{created.Id()}'");

        // What is stored is the cipher text of what signs, which no text search of the row finds.
        var secret = Protection.Of(api.Database).Unprotect(Guid.Parse(created.Id()), stored!).Reveal();
        Assert.StartsWith(signature == "v1" ? "whsec_" : "whsk_", secret, StringComparison.Ordinal);
        Assert.Equal(signature == "v1" ? secret : null, created.Text("secret"));
        var rows = await Sql.ScalarAsync<string>(api.Database, $"""
            select string_agg(row, ' ') from (
                select e::text as row from webhooks.endpoints e union all select s::text from webhooks.endpoint_secrets s) rows
            """);
        Assert.All([.. Spellings(secret), Credential], text => Assert.DoesNotContain(text, rows, StringComparison.Ordinal));
        Assert.All(
            [.. Spellings(secret), Credential], text =>
                Assert.DoesNotContain(text, Decoded(stored!) + Decoded(headers!), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_endpoints_have_two_secrets_of_32_bytes()
    {
        await using var server = await MerchantServer.StartAsync();
        using var client = api.Of(_merchant);

        string[] secrets = [
            (await client.CreateAsync(server.Url)).Text("secret")!, (await client.CreateAsync(server.Url)).Text("secret")!];

        Assert.All(secrets, secret => Assert.Equal(32, Convert.FromBase64String(secret["whsec_".Length..]).Length));
        Assert.NotEqual(secrets[0], secrets[1], StringComparer.Ordinal);
    }

    [Fact]
    public async Task Neither_a_secret_nor_a_header_is_in_the_log()
    {
        using var log = new RecordedLog();
        var settings = Services.Settings(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("Logging:LogLevel:Default", "Trace"),
            ("Logging:LogLevel:Microsoft.AspNetCore", "Trace"));
        await using var sender = await ServiceHost<Aspire.Webhooks.Sender.Delivery.DeliveryClient>.StartAsync(
            settings, services => services.AddSingleton<ILoggerProvider>(log));
        await using var server = await MerchantServer.StartAsync();
        using var client = sender.NewClient().With(OperatorToken.Of(_merchant, "webhooks:write"));

        var created = await client.CreateAsync(Request(server.Url));
        var (_, rotated) = await client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{created.Id()}/rotate-secret", new { });
        await client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{created.Id()}/ping");

        string[] secrets = [.. new[] { created.Text("secret")!, rotated.Text("secret")! }.SelectMany(Spellings), Credential];
        Assert.Equal(2, log.Of(4201).Count());
        Assert.All(
            log.All, line =>
                Assert.All(
                    secrets, secret => Assert.DoesNotContain(secret, $"{line.Text} {line.Exception}", StringComparison.Ordinal)));
    }

    private static object Request(Uri url, string signature = "v1") =>
        new { url, signature, headers = new { authorization = $"Bearer {Credential}" } };

    // As the text and as the key itself, in hexadecimal.
    private static string[] Spellings(string secret)
    {
        var key = secret[(secret.IndexOf('_', StringComparison.Ordinal) + 1)..];
        return [key, Convert.ToHexStringLower(Convert.FromBase64String(key))];
    }

    private static string Decoded(string text) => Encoding.Latin1.GetString(Convert.FromBase64String(
        text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=')));
}
