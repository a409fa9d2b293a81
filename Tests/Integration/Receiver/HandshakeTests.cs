using System.Net;
using System.Text;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>Providers that try out a URL: answered once they have shown who they are, and never stored.</summary>
public sealed class HandshakeTests(SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private const string VerifyToken = "meta-verify-token-for-tests";

    [Theory]
    [InlineData("slack", """{"token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}""", 200, """{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}""")]
    [InlineData("discord", """{"id":"1","application_id":"2","type":1,"version":1}""", 200, """{"type":1}""")]
    [InlineData("discord", """{"version":1,"application_id":"2","type":0}""", 204, "")]
    [InlineData("github", """{"zen":"Design for failure."}""", 200, """{"status":"pong"}""")]
    public async Task A_signed_handshake_is_answered_and_an_unsigned_one_is_401(
        string source, string body, int status, string expected)
    {
        var before = await StoredAsync();

        var answer = await receiver.Client.PostAsync(Handshake(source, body));
        var forged = Handshake(source, body);
        forged.Content = Delivery.Json(body + " ");
        var refused = await receiver.Client.PostAsync(forged);

        Assert.Equal((status, expected), ((int)answer.Status, answer.Body));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.DoesNotContain("3eZbrw1a", refused.Body, StringComparison.Ordinal);
        Assert.Equal(before, await StoredAsync());
    }

    [Theory]
    [InlineData($"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={VerifyToken}", 200, "1158201444")]
    [InlineData("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=another", 403, null)]
    [InlineData("hub.mode=subscribe&hub.challenge=1158201444", 403, null)]
    [InlineData($"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=&hub.verify_token={VerifyToken}", 403, null)]
    [InlineData("", 403, null)]
    public async Task Meta_subscribes_by_a_GET_with_our_token(string query, int status, string? expected)
    {
        using var answer = await receiver.Client.GetAsync($"/webhooks/meta?{query}", TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)answer.StatusCode);
        if (expected is not null)
        {
            Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
            Assert.Equal(expected, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("github")]
    [InlineData("unknown")]
    public async Task A_GET_elsewhere_is_answered_405(string source)
    {
        using var answer = await receiver.Client.GetAsync(
            $"/webhooks/{source}?hub.mode=subscribe&hub.challenge=1", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["POST"], answer.Content.Headers.Allow);
    }

    // Discord, "Acknowledging PING requests" and "Responding to events".
    [Fact]
    public async Task Discord_s_webhook_events_are_answered_204_and_its_retries_are_duplicates()
    {
        var body = Encoding.UTF8.GetBytes(
            $$$"""{"version":1,"application_id":"{{{Delivery.NewId()}}}","type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}""");
        var before = await StoredAsync();
        var now = TimeProvider.System.GetUtcNow();

        foreach (var seconds in (int[])[0, 1, 60])
        {
            using var request = Delivery.Signed("discord", "unused", body, now.AddSeconds(seconds));
            using var answer = await receiver.Client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal((204, "application/json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            Assert.Equal("", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(before + 1, await StoredAsync());
    }

    private static HttpRequestMessage Handshake(string source, string body)
    {
        var request = Delivery.Signed(source, "handshake", Encoding.UTF8.GetBytes(body));
        return source == "github" ? request.With("X-GitHub-Event", "ping") : request;
    }

    private Task<long> StoredAsync() => Sql.CountAsync(receiver.Database, "webhooks.inbound_events");
}
