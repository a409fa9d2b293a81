using System.Net;
using System.Text;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Tests.Integration.Sender;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Cli;

public sealed class ListenCliTests(TestStack stack, RunningSender sender) : IClassFixture<RunningSender>, IDisposable
{
    private static readonly (string Key, string Value)[] Standard = [("WEBHOOK_SECRET_STANDARD", Services.StandardSecret)];

    private readonly SendCli _cli = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task What_send_signs_is_verified_and_printed_without_the_secret_and_Ctrl_C_ends_it_with_0()
    {
        await using var listen = await ListenCli.StartAsync(Standard);

        var sent = await _cli.RunAsync(Standard, "", listen.Url.AbsoluteUri, "--id", "msg-7", "--data", $$"""{"type":"invoice.paid","note":"ü {{Services.StandardSecret}}"}""");
        await listen.PrintedAsync("\"note\": \"ü ***\"");

        Assert.Equal(0, sent.ExitCode);
        Assert.Contains("#1 verified: POST /", listen.Output, StringComparison.Ordinal);
        Assert.Contains("  id: msg-7\n", listen.Output, StringComparison.Ordinal);
        Assert.Contains("  type: invoice.paid\n", listen.Output, StringComparison.Ordinal);
        Assert.Contains("  timestamp: ", listen.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Services.StandardSecret, listen.Output, StringComparison.Ordinal);
        Assert.Equal(0, await listen.InterruptAsync());
    }

    [Fact]
    public async Task What_another_secret_signed_is_401_and_the_reason_is_printed()
    {
        await using var listen = await ListenCli.StartAsync(Standard);

        var sent = await _cli.RunAsync(
            [("WEBHOOK_SECRET_STANDARD", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")], "", listen.Url.AbsoluteUri);
        await listen.PrintedAsync("NOT VERIFIED (no signature is that of a secret in use");

        Assert.Equal(1, sent.ExitCode);
        Assert.StartsWith("401 ", sent.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v1a")]
    public async Task Deliveries_of_the_Sender_are_verified(string signature)
    {
        var secret = EndpointKeys.New(signature);
        var shared = EndpointKeys.PublicKey(secret) ?? secret.Reveal();
        await using var listen = await ListenCli.StartAsync(
            [("MY_KEY", shared), ("MY_OLD_KEY", Services.StandardSecret)], "--secret-key", "MY_OLD_KEY", "--secret-key",
            "MY_KEY");
        var outbox = new Outbox(sender.Database);
        await outbox.AddEndpointAsync(listen.Url, secret.Reveal());

        var id = await outbox.PublishAsync();
        await listen.PrintedAsync($"id: {id}");

        Assert.Contains("#1 verified", listen.Output, StringComparison.Ordinal);
        Assert.Equal("done", (await outbox.FinishedJobAsync()).State);
        Assert.DoesNotContain(secret.Reveal(), listen.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("github")]
    [InlineData("stripe")]
    [InlineData("twilio")]
    [InlineData("discord")]
    [InlineData("provider")]
    public async Task Other_schemes_are_verified_too_and_answered_as_one_likes(string scheme)
    {
        (string, string)[] secrets = [($"WEBHOOK_SECRET_{scheme.ToUpperInvariant()}", Services.SecretOf(scheme))];
        await using var listen = await ListenCli.StartAsync(secrets, "--scheme", scheme, "--status", "503");

        var sent = await _cli.RunAsync(secrets, "", new Uri(listen.Url, "/hooks?a=1").AbsoluteUri, "--scheme", scheme);
        await listen.PrintedAsync("#1 ");

        Assert.Contains("#1 verified: POST /hooks?a=1", listen.Output, StringComparison.Ordinal);
        Assert.StartsWith("503 ", sent.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_are_judged_as_the_Receiver_would()
    {
        (string Hex, string Why)[] bodies =
        [
            ("", "The body is empty."), ("00ff10", "The body is not valid UTF-8."),
            ("7b2261223a", "The body is not valid JSON (line 1, position 6)."), ("7b7d", ""), ("5b5d", ""),
            ("7b2274797065223a225c7530303030227d", ""), ("efbbbf7b2274797065223a2261227d", ""), ("7b2274797065223a2261227d", ""),
        ];
        await using var receiver = await Services.ReceiverAsync(await stack.NewDatabaseAsync(), await stack.RedisAsync());
        await using var listen = await ListenCli.StartAsync(Standard);
        using var services = new HttpClient { BaseAddress = receiver.Address };
        using var listeners = new HttpClient { BaseAddress = listen.Url };

        for (var number = 1; number <= bodies.Length; number++)
        {
            var (hex, why) = bodies[number - 1];
            using var received = await SendAsync(services, hex, number);
            using var heard = await SendAsync(listeners, hex, number);
            await listen.PrintedAsync($"#{number} verified");

            var verdict = $"#{number} verified, but the Receiver would answer {(int)received.StatusCode} (";
            Assert.Equal(!received.IsSuccessStatusCode, listen.Output.Contains(verdict, StringComparison.Ordinal));
            Assert.Equal(
                received.IsSuccessStatusCode ? HttpStatusCode.OK : received.StatusCode, heard.StatusCode);
            Assert.Contains(why, listen.Output, StringComparison.Ordinal);
        }

        static async Task<HttpResponseMessage> SendAsync(HttpClient client, string hex, int number)
        {
            using var request = SignedRequest.Standard(Convert.FromHexString(hex), $"msg-{number}");
            return await client.SendAsync(request, Cancellation);
        }
    }

    [Fact]
    public async Task What_strangers_send_cannot_drive_the_terminal_and_a_large_body_is_413()
    {
        await using var listen = await ListenCli.StartAsync(Standard);
        using var client = new HttpClient();

        using var odd = await client.PostAsync(
            listen.Url, new StringContent("a\u001b[2Jb\rc", Encoding.UTF8, "text/plain"), Cancellation);
        await listen.PrintedAsync("a\uFFFD[2Jb\uFFFDc");
        using var large = new HttpRequestMessage(
            HttpMethod.Post, listen.Url) { Content = new ByteArrayContent(new byte[(1024 * 1024) + 1]) };
        large.Headers.ExpectContinue = true;
        using var refused = await client.SendAsync(large, Cancellation);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.RequestEntityTooLarge), (odd.StatusCode, refused.StatusCode));
        Assert.DoesNotContain('\u001b', listen.Output);
    }
}
