using System.Net;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>A merchant has at most ten endpoints.</summary>
public sealed class EndpointLimitTests(EndpointApi api) : IClassFixture<EndpointApi>
{
    private readonly string _merchant = EndpointApi.NewMerchant();

    [Fact]
    public async Task Of_fifty_endpoints_made_at_once_ten_are_there()
    {
        await using var server = await MerchantServer.StartAsync();
        using var client = api.Of(_merchant);
        using var other = api.Of($"{_merchant}x");

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => client.SendAsync(HttpMethod.Post, EndpointApi.Path, new { url = server.Url })));
        await other.CreateAsync(server.Url);

        Assert.Equal(10, answers.Count(answer => answer.Status == HttpStatusCode.Created));
        Assert.Equal(40, answers.Count(answer => answer.Status == HttpStatusCode.Conflict));
        Assert.All(
            answers.Where(answer => answer.Status == HttpStatusCode.Conflict), answer =>
                Assert.Equal("A merchant has at most 10 endpoints.", answer.Body.Text("title")));
        Assert.Equal(10, (await client.OkAsync(EndpointApi.Path)).Values("id").Count);
        Assert.Equal(10, await Sql.CountAsync(api.Database, $"webhooks.endpoints where merchant_id = '{_merchant}'"));
    }

    [Fact]
    public async Task A_full_merchant_causes_no_ping_and_deleted_endpoints_do_not_count_and_inactive_ones_do()
    {
        await using var server = await MerchantServer.StartAsync();
        using var client = api.Of(_merchant);
        var ids = new List<string>();
        for (var number = 0; number < 10; number++)
        {
            ids.Add((await client.CreateAsync(server.Url)).Id());
        }

        await client.PatchAsync(ids[0], new { active = false });
        Assert.Equal(
            HttpStatusCode.Conflict,
            (await client.SendAsync(HttpMethod.Post, EndpointApi.Path, new { url = server.Url })).Status);
        Assert.Equal(10, server.All.Count);

        await client.RemoveAsync(ids[1]);
        await client.CreateAsync(server.Url);
        Assert.Equal(
            HttpStatusCode.Conflict,
            (await client.SendAsync(HttpMethod.Post, EndpointApi.Path, new { url = server.Url })).Status);
    }
}
