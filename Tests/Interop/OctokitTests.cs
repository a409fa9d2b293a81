using System.Text.Json;

namespace Aspire.Webhooks.Tests.Interop;

public class OctokitTests
{
    private const string Secret = "It's a Secret to Everybody";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("push")]
    [InlineData("issues")]
    [InlineData("ping")]
    public async Task A_payload_signed_by_octokit_is_verified_by_octokit(string type)
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        await using var server = await StartAsync(Secret);

        var sent = await SendAsync(server.Uri, type, "0", "72d3162e-cc78-11e3-81ab-4c9367dc0958");
        var received = await server.Received.ReadAsync(Cancellation);

        Assert.Equal(204, sent.GetProperty("status").GetInt32());
        Assert.True(received.GetProperty("verified").GetBoolean());
        var headers = received.GetProperty("headers");
        Assert.Equal(type, headers.GetProperty("x-github-event").GetString());
        Assert.Equal(sent.GetProperty("delivery").GetString(), headers.GetProperty("x-github-delivery").GetString());
        Assert.True(JsonElement.Parse(received.GetProperty("body").GetString()!).TryGetProperty("sender", out _));
    }

    [Fact]
    public async Task A_payload_signed_with_another_secret_is_refused_by_octokit()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        await using var server = await StartAsync("another secret");

        var sent = await SendAsync(server.Uri, "push", "0");
        var received = await server.Received.ReadAsync(Cancellation);

        Assert.Equal(401, sent.GetProperty("status").GetInt32());
        Assert.False(received.GetProperty("verified").GetBoolean());
    }

    [Fact]
    public async Task An_unknown_example_is_an_error_that_names_it()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);

        var nowhere = new Uri("http://127.0.0.1:9/");
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => SendAsync(nowhere, "push", "999"));

        Assert.Contains("no example 999 of the event 'push'", error.Message, StringComparison.Ordinal);
    }

    private static Task<NodeServer> StartAsync(string secret) =>
        NodeServer.StartAsync("github-server.mjs", Environment(secret), Cancellation);

    private static Task<JsonElement> SendAsync(Uri uri, params string[] arguments) =>
        Node.RunAsync("github-client.mjs", [uri.AbsoluteUri, .. arguments], Environment(Secret), Cancellation);

    private static Dictionary<string, string> Environment(string secret) =>
        new(StringComparer.Ordinal) { ["WEBHOOK_SECRET_GITHUB"] = secret };
}
