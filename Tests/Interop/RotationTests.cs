using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Tests.Integration.Sender.Endpoints;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Interop;

/// <summary>Deliveries of a running Sender are verified by npm's standardwebhooks, with every secret that signs.</summary>
public sealed class RotationTests(EndpointApi api) : IClassFixture<EndpointApi>
{
    private readonly string _merchant = EndpointApi.NewMerchant();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task During_a_rotation_holders_of_the_old_and_of_the_new_secret_verify_the_same_messages()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        using var client = api.Of(_merchant);
        var (id, old) = await CreateAsync(client);
        await using var holderOfOld = old;

        Assert.True(await VerifiedAsync(old, await PublishAsync()));
        var (_, rotated) = await client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/rotate-secret", new { });
        Assert.True(await VerifiedAsync(old, await PublishAsync()));
        await using var fresh = await StartAsync(rotated.Text("secret")!);
        await client.PatchAsync(id, new { url = fresh.Uri });
        Assert.True(await VerifiedAsync(fresh, null));
        Assert.True(await VerifiedAsync(fresh, await PublishAsync()));
    }

    [Fact]
    public async Task After_a_rotation_without_overlap_the_old_secret_verifies_nothing()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        using var client = api.Of(_merchant);
        var (id, old) = await CreateAsync(client);
        await using var holderOfOld = old;

        await client.SendAsync(HttpMethod.Post, $"{EndpointApi.Path}/{id}/rotate-secret", new { overlap_seconds = 0 });

        Assert.False(await VerifiedAsync(old, await PublishAsync()));
    }

    /// <summary>An endpoint, and the server that its URL leads to, which verifies with its first secret.</summary>
    private static async Task<(string Id, NodeServer Server)> CreateAsync(HttpClient client)
    {
        await using var quiet = await MerchantServer.StartAsync();
        var created = await client.CreateAsync(quiet.Url);
        var server = await StartAsync(created.Text("secret")!);
        await client.PatchAsync(created.Id(), new { url = server.Uri });
        Assert.True(await VerifiedAsync(server, null));
        return (created.Id(), server);
    }

    private static Task<NodeServer> StartAsync(string secret) => NodeServer.StartAsync(
        "standard-server.mjs", new Dictionary<string, string>(StringComparer.Ordinal) { ["WEBHOOK_SECRET_STANDARD"] = secret },
        Cancellation);

    private async Task<string> PublishAsync()
    {
        var message = new NewMessage(_merchant, "invoice.paid", """{"type":"invoice.paid","data":{"name":"Käsekuchen"}}"""u8.ToArray(), Guid.CreateVersion7().ToString());
        return await Tables.PublishAsync(api.Database, message);
    }

    /// <summary>Whether what came next was verified; it must be the message, or a ping.</summary>
    private static async Task<bool> VerifiedAsync(NodeServer server, string? message)
    {
        var received = await server.Received.ReadAsync(Cancellation);
        if (message is not null)
        {
            Assert.Equal(message, received.GetProperty("headers").GetProperty("webhook-id").GetString());
        }

        return received.GetProperty("verified").GetBoolean();
    }
}
