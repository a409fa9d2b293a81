using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>
/// What an endpoint whose secrets cannot be decrypted any more is to its merchant: a key was lost, or a row is damaged.
/// </summary>
public sealed class UnreadableSecretTests(EndpointApi api) : IClassFixture<EndpointApi>
{
    private readonly string _merchant = EndpointApi.NewMerchant();

    [Theory]
    [InlineData("v1")]
    [InlineData("v1a")]
    public async Task It_is_shown_beside_the_others_and_can_be_mended(string signature)
    {
        await using var server = await MerchantServer.StartAsync();
        using var client = api.Of(_merchant);
        var other = (await client.CreateAsync(server.Url)).Id();
        var id = await DamagedAsync(client, server.Url, signature);

        Assert.Equal([id, other], (await client.OkAsync(EndpointApi.Path)).Values("id"), StringComparer.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/ping")).Status);
        Assert.Equal(
            HttpStatusCode.Conflict,
            (await client.SendAsync(
            HttpMethod.Patch, $"{EndpointApi.Path}/{id}", new { url = new Uri(server.Url, "/new") })).Status);
        Assert.Equal("x", (await client.PatchAsync(id, new { description = "x" })).Text("description"));

        await client.PatchAsync(id, new { headers = new { authorization = "Bearer new" } });
        await client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/rotate-secret", new { overlap_seconds = 0 });
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/ping")).Status);
        Assert.Equal("Bearer new", server.All.Last().Headers["Authorization"]);
    }

    [Fact]
    public async Task Its_delivery_says_so_and_nothing_is_sent()
    {
        await using var server = await MerchantServer.StartAsync();
        using var client = api.Of(_merchant);
        await DamagedAsync(client, server.Url, "v1");
        var pings = server.All.Count;
        await Tables.PublishAsync(api.Database, new(_merchant, "invoice.paid", "{}"u8.ToArray(), "one"));

        var delivery = await Eventually.GetAsync("it is put off", async () =>
            (await client.OkAsync("/api/v1/deliveries")).GetProperty("data").EnumerateArray()
                .Where(found => found.Text("last_error") is not null).Cast<JsonElement?>()
                    .FirstOrDefault() is { } putOff ? (object)putOff : null);

        Assert.EndsWith(
            "The endpoint's secrets or headers cannot be decrypted.", ((JsonElement)delivery).Text("last_error"),
            StringComparison.Ordinal);
        Assert.Equal(pings, server.All.Count);
    }

    private async Task<string> DamagedAsync(HttpClient client, Uri url, string signature)
    {
        var id = (await client.CreateAsync(new { url, signature, headers = new { authorization = "Bearer old" } })).Id();
        await Sql.ExecuteAsync(api.Database, $"""
            update webhooks.endpoint_secrets set protected = reverse(protected) where endpoint_id = '{id}';
            update webhooks.endpoints set headers = reverse(headers) where id = '{id}'
            """);
        return id;
    }
}
