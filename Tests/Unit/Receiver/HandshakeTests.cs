using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

public sealed class HandshakeTests
{
    [Theory]
    [InlineData(Handshake.SlackUrlVerification, """{"token":"x","challenge":"3eZbrw1a","type":"url_verification"}""", 200, """{"challenge":"3eZbrw1a"}""")]
    [InlineData(Handshake.SlackUrlVerification, """{"challenge":"<script>","type":"url_verification"}""", 200, """{"challenge":"\u003Cscript\u003E"}""")]
    [InlineData(Handshake.DiscordPing, """{"type":1,"id":"1"}""", 200, """{"type":1}""")]
    [InlineData(Handshake.DiscordPing, """{"version":1,"type":0}""", 204, "")]
    public void A_handshake_is_answered(Handshake handshake, string body, int status, string expected)
    {
        var reply = Answer(handshake, body);

        Assert.Equal((status, expected), (reply!.Status, Encoding.UTF8.GetString(reply.Body)));
    }

    [Theory]
    [InlineData(Handshake.SlackUrlVerification, """{"type":"event_callback","challenge":"x"}""")]
    [InlineData(Handshake.SlackUrlVerification, """{"type":"url_verification"}""")]
    [InlineData(Handshake.SlackUrlVerification, """{"type":"url_verification","challenge":7}""")]
    [InlineData(Handshake.SlackUrlVerification, """["url_verification"]""")]
    [InlineData(Handshake.DiscordPing, """{"type":2}""")]
    [InlineData(Handshake.DiscordPing, """{"type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}""")]
    [InlineData(Handshake.DiscordPing, """{"type":1.5}""")]
    [InlineData(Handshake.DiscordPing, """{"type":"1"}""")]
    [InlineData(Handshake.DiscordPing, "1")]
    [InlineData(Handshake.GitHubPing, """{"zen":"Keep it logically awesome."}""")]
    [InlineData(Handshake.MetaSubscription, """{"hub.mode":"subscribe"}""")]
    [InlineData(Handshake.None, """{"type":"url_verification","challenge":"x"}""")]
    public void What_is_no_handshake_is_an_event(Handshake handshake, string body) => Assert.Null(Answer(handshake, body));

    [Fact]
    public void GitHub_s_ping_is_known_by_its_header()
    {
        using var json = JsonDocument.Parse("{}");

        Assert.Equal(
            200, Handshakes.Answer(
                Handshake.GitHubPing, new HeaderDictionary { ["X-GitHub-Event"] = "ping" }, json.RootElement)!.Status);
        Assert.Null(
            Handshakes.Answer(Handshake.GitHubPing, new HeaderDictionary { ["X-GitHub-Event"] = "push" }, json.RootElement));
    }

    [Theory]
    [InlineData("subscribe", "token", "1158201444", true)]
    [InlineData("subscribe", "other", "1158201444", false)]
    [InlineData("subscribe", "toke", "1158201444", false)]
    [InlineData("subscribe", "", "1158201444", false)]
    [InlineData("unsubscribe", "token", "1158201444", false)]
    [InlineData("subscribe", "token", "", false)]
    [InlineData("subscribe", "token", "<script>", false)]
    public void Meta_subscribes_with_the_token_alone(string mode, string token, string challenge, bool granted)
    {
        var query = new QueryCollection(new Dictionary<string, StringValues>(StringComparer.Ordinal)
        {
            ["hub.mode"] = mode,
            ["hub.verify_token"] = token,
            ["hub.challenge"] = challenge,
        });

        var reply = Handshakes.Subscribe(new Secret("token"), query);

        Assert.Equal(granted ? challenge : null, reply is null ? null : Encoding.UTF8.GetString(reply.Body));
        Assert.Null(Handshakes.Subscribe(null, query));
    }

    private static Reply? Answer(Handshake handshake, string body)
    {
        using var json = JsonDocument.Parse(body);
        return Handshakes.Answer(handshake, new HeaderDictionary(), json.RootElement);
    }
}
