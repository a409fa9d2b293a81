using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Tests.Interop;

/// <summary>
/// Libraries that verify but do not sign: what they take for genuine, our Receiver takes too, and the other way round.
/// </summary>
[Collection(nameof(InteropReceiver))]
public sealed class VerifyingLibrariesTests(InteropReceiver receiver)
{
    private const string Command = """{"id":"1042","application_id":"7","type":2,"data":{"name":"deploy","options":[{"name":"größe","value":"🎉"}]}}""";
    private const string Transaction = """{"event_id":"evt_01","event_type":"transaction.completed","occurred_at":"2026-11-22T12:00:00Z","data":{"id":"txn_01"}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_that_Discord_s_library_verifies_is_accepted()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        await using var library = await StartAsync("discord-server.mjs", "DISCORD_PUBLIC_KEY", InteropReceiver.DiscordPublicKey);

        Assert.Equal(
            204, await InteropReceiver.PostAsync(SignatureSchemes.Discord, InteropReceiver.DiscordKey, Command, library.Uri));
        Assert.Equal(
            202, await InteropReceiver.PostAsync(
                SignatureSchemes.Discord, InteropReceiver.DiscordKey, Command, receiver.Url("discord")));
    }

    [Fact]
    public async Task A_transaction_that_Paddle_s_library_verifies_is_accepted()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        await using var library = await StartAsync("paddle-server.mjs", "WEBHOOK_SECRET_PADDLE", InteropReceiver.PaddleSecret);

        Assert.Equal(
            204, await InteropReceiver.PostAsync(
                SignatureSchemes.Paddle, InteropReceiver.PaddleSecret, Transaction, library.Uri));
        Assert.Equal(
            200, await InteropReceiver.PostAsync(
                SignatureSchemes.Paddle, InteropReceiver.PaddleSecret, Transaction, receiver.Url("paddle")));
    }

    [Fact]
    public async Task What_they_refuse_is_refused()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        await using var paddle = await StartAsync("paddle-server.mjs", "WEBHOOK_SECRET_PADDLE", InteropReceiver.PaddleSecret);
        await using var discord = await StartAsync("discord-server.mjs", "DISCORD_PUBLIC_KEY", new string('1', 64));

        Assert.Equal(401, await InteropReceiver.PostAsync(SignatureSchemes.Paddle, "another secret", Transaction, paddle.Uri));
        Assert.Equal(
            401, await InteropReceiver.PostAsync(SignatureSchemes.Paddle, "another secret", Transaction, receiver.Url("paddle")));
        Assert.Equal(
            401, await InteropReceiver.PostAsync(SignatureSchemes.Discord, InteropReceiver.DiscordKey, Command, discord.Uri));
    }

    private static Task<NodeServer> StartAsync(string script, string name, string value) =>
        NodeServer.StartAsync(script, new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value }, Cancellation);
}
