using System.Net;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>What becomes of a deleted endpoint.</summary>
public sealed class EndpointDeletionTests(EndpointApi api) : IClassFixture<EndpointApi>
{
    private readonly string _merchant = EndpointApi.NewMerchant();

    [Fact]
    public async Task A_deleted_endpoint_is_gone_for_its_merchant_and_its_history_stays()
    {
        await using var server = await MerchantServer.StartAsync();
        using var client = api.Of(_merchant);
        var id = (await client.CreateAsync(new { url = server.Url, headers = new { authorization = "Bearer hunter2" } })).Id();
        await Tables.PublishAsync(api.Database, new NewMessage(_merchant, "invoice.paid", "{}"u8.ToArray(), "one"));
        await Eventually.HoldsAsync("the delivery is done", async () => await CountJobsAsync(id, "done") == 1);

        Assert.Equal(HttpStatusCode.NoContent, (await client.RemoveAsync(id)).Status);

        Assert.Equal(HttpStatusCode.NotFound, (await client.RemoveAsync(id)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await client.SendAsync(HttpMethod.Get, $"{EndpointApi.Path}/{id}")).Status);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await client.SendAsync(HttpMethod.Patch, $"{EndpointApi.Path}/{id}", new { active = true })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/ping")).Status);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/rotate-secret", new { })).Status);
        Assert.Empty((await client.OkAsync(EndpointApi.Path)).Values("id"));
        Assert.Equal(
            1, await Sql.CountAsync(
                api.Database,
                $"webhooks.endpoints where id = '{id}' and headers is null and not active and deleted_at is not null and "
                + $"disabled_reason = 'merchant'"));
        Assert.Equal(0, await Sql.CountAsync(api.Database, $"webhooks.endpoint_secrets where endpoint_id = '{id}'"));
        Assert.Equal(
            1, await Sql.CountAsync(
                api.Database,
                $"webhooks.delivery_attempts a join webhooks.deliveries d on d.id = a.delivery_id where d.endpoint_id = '{id}'"));
    }

    [Fact]
    public async Task What_is_pending_for_a_deleted_endpoint_is_cancelled_and_another_endpoints_is_not()
    {
        // Both answer the ping, and nothing after it.
        await using var server = await MerchantServer.StartAsync((request, context) =>
        {
            context.Response.StatusCode = request.Text.Contains("webhook.ping", StringComparison.Ordinal) ? 200 : 500;
            return Task.CompletedTask;
        });
        using var client = api.Of(_merchant);
        var (id, other) = ((await client.CreateAsync(server.Url)).Id(), (await client.CreateAsync(server.Url)).Id());
        await Tables.PublishAsync(api.Database, new NewMessage(_merchant, "invoice.paid", "{}"u8.ToArray(), "one"));

        // Two attempts: the next one is ten seconds away.
        await Eventually.HoldsAsync("both wait", async () =>
            await Sql.CountAsync(
                api.Database, $"webhooks.jobs where lane in ('{id}', '{other}') and state = 'pending' and attempt = 2") == 2);
        await client.RemoveAsync(id);
        await Tables.PublishAsync(api.Database, new NewMessage(_merchant, "invoice.paid", "{}"u8.ToArray(), "two"));

        Assert.Equal(1, await CountJobsAsync(id, "cancelled"));
        Assert.Equal(1, await Sql.CountAsync(api.Database, $"webhooks.jobs where lane = '{id}'"));
        Assert.Equal(0, await CountJobsAsync(other, "cancelled"));
        Assert.Equal(2, await Sql.CountAsync(api.Database, $"webhooks.jobs where lane = '{other}'"));
    }

    private Task<long> CountJobsAsync(string endpoint, string state) =>
        Sql.CountAsync(api.Database, $"webhooks.jobs where lane = '{endpoint}' and state = '{state}'");
}
