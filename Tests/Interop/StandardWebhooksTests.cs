using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Aspire.Webhooks.Tests.Interop;

public class StandardWebhooksTests
{
    private const string Id = "msg_1";
    private const string Body = """{"test": "ü"}""";

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_signed_as_the_specification_says_is_verified_by_standardwebhooks()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        await using var server = await StartAsync();

        var status = await PostAsync(server.Uri, Body, TimeProvider.System.GetUtcNow());
        var received = await server.Received.ReadAsync(Cancellation);

        Assert.Equal(HttpStatusCode.NoContent, status);
        Assert.True(received.GetProperty("verified").GetBoolean());
        Assert.Equal(Id, received.GetProperty("headers").GetProperty("webhook-id").GetString());
        Assert.Equal(Body, received.GetProperty("body").GetString());
    }

    [Fact]
    public async Task A_changed_message_is_refused_by_standardwebhooks()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        await using var server = await StartAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(server.Uri, Body + " ", TimeProvider.System.GetUtcNow()));
        Assert.False((await server.Received.ReadAsync(Cancellation)).GetProperty("verified").GetBoolean());
    }

    [Fact]
    public async Task A_message_of_yesterday_is_refused_by_standardwebhooks()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        await using var server = await StartAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(server.Uri, Body, TimeProvider.System.GetUtcNow().AddDays(-1)));
        var received = await server.Received.ReadAsync(Cancellation);
        Assert.Contains("too old", received.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private static Task<NodeServer> StartAsync()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WEBHOOK_SECRET_STANDARD"] = "whsec_" + Convert.ToBase64String(Key),
        };
        return NodeServer.StartAsync("standard-server.mjs", environment, Cancellation);
    }

    // Signs Body always, whatever is sent.
    private static async Task<HttpStatusCode> PostAsync(Uri uri, string sent, DateTimeOffset at)
    {
        var signature = HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes($"{Id}.{at.ToUnixTimeSeconds()}.{Body}"));
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new StringContent(sent) };
        request.Headers.Add("webhook-id", Id);
        request.Headers.Add("webhook-timestamp", $"{at.ToUnixTimeSeconds()}");
        request.Headers.Add("webhook-signature", "v1," + Convert.ToBase64String(signature));
        using var response = await client.SendAsync(request, Cancellation);
        return response.StatusCode;
    }
}
