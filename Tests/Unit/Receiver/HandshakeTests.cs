using System.Text;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Tests.Unit.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

/// <summary>
/// Providers that test a URL. The challenges are those of their documentation; where the answer has an HMAC, Python made the
/// expected one, with the secret <c>dev_secret_change_me</c>, if nothing else is said.
/// </summary>
public sealed class HandshakeTests
{
    private const string Secret = "dev_secret_change_me";
    private const string Url = "https://hooks.example.com/webhooks/source";

    [Theory]
    [InlineData("github", "X-GitHub-Event: ping", """{"zen":"Design for failure."}""", 200, """{"status":"pong"}""")]
    [InlineData("slack", "", """{"token":"x","challenge":"3eZbrw1a","type":"url_verification"}""", 200, """{"challenge":"3eZbrw1a"}""")]
    [InlineData("slack", "", """{"challenge":"<script>","type":"url_verification"}""", 200, """{"challenge":"\u003Cscript\u003E"}""")]
    [InlineData("discord", "", """{"type":1,"id":"1"}""", 200, """{"type":1}""")]
    [InlineData("discord", "", """{"version":1,"type":0}""", 204, "")]
    [InlineData("zoom", "", """{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}""", 200, """{"plainToken":"qgg8vlvZRS6UYooatFL8Aw","encryptedToken":"69735b5bf17a9cf3915e7d4f59a9c3f805dd5b5d91f60b478bb35a6d40a8cf38"}""")]
    [InlineData("twitch", "Twitch-Eventsub-Message-Type: webhook_callback_verification", """{"challenge":"pogchamp-kappa-360noscope-vohiyo","subscription":{}}""", 200, "pogchamp-kappa-360noscope-vohiyo")]
    [InlineData("eventgrid", "aeg-event-type: SubscriptionValidation", """[{"id":"2d1781af","topic":"/subscriptions/x","subject":"","data":{"validationCode":"512d38b6-c7b8-40c8-89fe-f46f9e9622b6"},"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent"}]""", 200, """{"validationResponse":"512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}""")]
    public void A_signed_handshake_is_answered_and_an_unsigned_one_is_not(
        string scheme, string header, string body, int status, string expected)
    {
        var source = SourceOf(scheme);
        var request = SampleRequest.Of(SignatureSchemes.ByName[scheme], body, "application/json", SecretOf(scheme), Url);
        Add(request.Headers, header);

        var admission = Decide(source, request.Headers, request.Body);
        var signature = SignatureSchemes.ByName[scheme].SignatureHeader;
        var unsigned = Decide(source, request.With(headers => headers.Remove(signature)).Headers, request.Body);
        var forged = Decide(source, request.With(headers => headers[signature] = "AAAA").Headers, request.Body);

        var reply = Assert.IsType<Admission.Greeting>(admission).Reply;
        Assert.Equal((status, expected), (reply.Status, Encoding.UTF8.GetString(reply.Body)));
        Assert.IsType<Admission.Refused>(unsigned);
        Assert.IsType<Admission.Refused>(forged);
    }

    [Theory]
    [InlineData("slack", """{"type":"event_callback","challenge":"x"}""")]
    [InlineData("slack", """{"type":"url_verification"}""")]
    [InlineData("slack", """["url_verification"]""")]
    [InlineData("discord", """{"type":2}""")]
    [InlineData("discord", """{"type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}""")]
    [InlineData("discord", """{"type":1.5}""")]
    [InlineData("discord", "1")]
    [InlineData("github", """{"zen":"Keep it logically awesome."}""")]
    [InlineData("zoom", """{"event":"endpoint.url_validation","payload":{"plainToken":"{\"event\":1}"}}""")]
    [InlineData("zoom", """{"event":"meeting.started","payload":{"plainToken":"a"}}""")]
    [InlineData("notion", """{"verification_token":"secret_x"}""")]
    [InlineData("woocommerce", """{"webhook_id":1}""")]
    [InlineData("asana", """{"events":[]}""")]
    public void What_is_signed_and_no_handshake_is_no_greeting(string scheme, string body)
    {
        var request = SampleRequest.Of(SignatureSchemes.ByName[scheme], body, "application/json", SecretOf(scheme), Url);

        Assert.IsNotType<Admission.Greeting>(Decide(SourceOf(scheme), request.Headers, request.Body));
    }

    [Theory]
    [InlineData("notion", "", """{"verification_token":"secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"}""", "application/json", "", "")]
    [InlineData("asana", "X-Hook-Secret: b537207f20cbfa02357cf448134da559", "{}", "application/json", "", "")]
    [InlineData("woocommerce", "", "webhook_id=7", "application/x-www-form-urlencoded", "", "")]
    [InlineData("microsoft-graph", "", "", "text/plain; charset=utf-8", "?validationToken=Validation%3a+Testing+client+application+reachability+RequestId%3a+3d5ab9e1", "Validation: Testing client application reachability RequestId: 3d5ab9e1")]
    public void A_first_request_without_a_signature_is_answered(
        string scheme, string header, string body, string contentType, string query, string expected)
    {
        var headers = new HeaderDictionary { ["Content-Type"] = contentType };
        Add(headers, header);

        var greeting = Assert.IsType<Admission.Greeting>(
            Decide(SourceOf(scheme), headers, Encoding.UTF8.GetBytes(body), Url + query));

        Assert.Equal((200, expected), (greeting.Reply.Status, Encoding.UTF8.GetString(greeting.Reply.Body)));
        Assert.Equal(
            scheme == "asana" ? "b537207f20cbfa02357cf448134da559" : null,
            greeting.Reply.Headers?.GetValueOrDefault("X-Hook-Secret"));
    }

    [Theory]
    [InlineData("notion", "", """{"verification_token":"secret\nx"}""", "")]
    [InlineData("notion", "", """{"id":"1","type":"page.created"}""", "")]
    [InlineData("asana", "X-Hook-Secret: a\"b", "{}", "")]
    [InlineData("asana", "", """{"events":[]}""", "")]
    [InlineData("woocommerce", "", "{}", "")]
    [InlineData("microsoft-graph", "", """{"value":[{"clientState":"wrong"}]}""", "")]
    [InlineData("microsoft-graph", "", "{}", "?validationToken=%3Cscript%3E")]
    [InlineData("microsoft-graph", "", "{}", "?validationToken=")]
    [InlineData("microsoft-graph", "", "{}", "?validationToken=a&validationToken=b")]
    public void What_is_neither_signed_nor_a_first_request_is_refused(string scheme, string header, string body, string query)
    {
        var headers = new HeaderDictionary { ["Content-Type"] = "application/json" };
        Add(headers, header);

        Assert.IsType<Admission.Refused>(Decide(SourceOf(scheme), headers, Encoding.UTF8.GetBytes(body), Url + query));
    }

    [Theory]
    [InlineData("meta", "GET", "", "?hub.mode=subscribe&hub.verify_token=token&hub.challenge=1158201444", "1158201444")]
    [InlineData("meta", "GET", "", "?hub.mode=subscribe&hub.verify_token=other&hub.challenge=1158201444", null)]
    [InlineData("meta", "GET", "", "?hub.mode=subscribe&hub.verify_token=toke&hub.challenge=1158201444", null)]
    [InlineData("meta", "GET", "", "?hub.mode=subscribe&hub.verify_token=&hub.challenge=1158201444", null)]
    [InlineData("meta", "GET", "", "?hub.mode=unsubscribe&hub.verify_token=token&hub.challenge=1158201444", null)]
    [InlineData("meta", "GET", "", "?hub.mode=subscribe&hub.verify_token=token&hub.challenge=", null)]
    [InlineData("meta", "GET", "", "?hub.mode=subscribe&hub.verify_token=token&hub.challenge=%3Cscript%3E", null)]
    [InlineData("dropbox", "GET", "", "?challenge=hRSs8iqGF4aQWZsD", "hRSs8iqGF4aQWZsD")]
    [InlineData("dropbox", "GET", "", "?challenge=%3Cimg%3E", null)]
    [InlineData("dropbox", "GET", "", "", null)]
    [InlineData("okta", "GET", "x-okta-verification-challenge: R04r8nT4fV2pU5wXcZ", "", """{"verification":"R04r8nT4fV2pU5wXcZ"}""")]
    [InlineData("okta", "GET", "", "", null)]
    [InlineData("x", "GET", "", "?crc_token=MDAwMDAwMDA", """{"response_token":"sha256=D/6ISSJHvkwUHGb/UhEsEG/3D6+PXEahTRTi/yDOO/4="}""")]
    [InlineData("x", "GET", "", "?crc_token=", null)]
    [InlineData("intercom", "HEAD", "", "", "")]
    [InlineData("trello", "HEAD", "", "", "")]
    [InlineData("trello", "GET", "", "", null)]
    public void A_test_of_the_URL_without_a_body_is_answered(
        string scheme, string method, string header, string query, string? expected)
    {
        var headers = new HeaderDictionary();
        Add(headers, header);

        var greeting = Handshakes.Answer(
            SourceOf(scheme), new(method, headers, null, query), isVerified: false, SampleRequest.Now);

        Assert.Equal(expected, greeting is null ? null : Encoding.UTF8.GetString(greeting.Reply.Body));
    }

    [Theory]
    [InlineData("""{"for_user_id":"1"}""")]
    [InlineData("[1]")]
    [InlineData("1")]
    [InlineData("1e5")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    public void Nobody_gets_a_body_of_an_event_signed_as_a_challenge(string body)
    {
        // X signs events and challenges with the same secret.
        var query = $"?crc_token={Uri.EscapeDataString(body)}";

        Assert.Null(Handshakes.Answer(
            SourceOf("x"), new("GET", new HeaderDictionary(), null, query), isVerified: false, SampleRequest.Now));
    }

    [Theory]
    [InlineData(null, "*")]
    [InlineData("2", "120")]
    public void CloudEvents_permission_names_the_origin_and_the_rate(string? perSecond, string rate)
    {
        foreach (var scheme in (string[])["cloudevents", "eventgrid"])
        {
            var source = SourceOf(scheme, ("Webhooks:Sources:source:RateLimit:PerSecond", perSecond));
            var headers = new HeaderDictionary { ["WebHook-Request-Origin"] = "eventemitter.example.com" };

            var greeting = Handshakes.Answer(source, new("OPTIONS", headers, null, ""), isVerified: false, SampleRequest.Now)!;

            Assert.Equal("eventemitter.example.com", greeting.Reply.Headers!["WebHook-Allowed-Origin"]);
            Assert.Equal(rate, greeting.Reply.Headers["WebHook-Allowed-Rate"]);
        }
    }

    [Fact]
    public void A_challenge_that_Twitch_s_own_tool_signed_is_answered_and_a_changed_one_is_not()
    {
        // github.com/twitch-rs/twitch_api, src/eventsub/mod.rs: tests.
        const string Body =
            """{"challenge":"11535768-497e-14ec-8197-ba2cb5341a01","subscription":{"id":"8d8fa82b-9792-79da-4e11-a6fa58a7a582","status":"webhook_callback_verification_pending","type":"channel.subscribe","version":"1","condition":{"broadcaster_user_id":"88525095"},"transport":{"method":"webhook","callback":"http://localhost:80/twitch/eventsub"},"created_at":"2022-02-06T04:03:24.2706497Z","cost":0}}""";
        var source = Read(("Webhooks:Sources:source:Scheme", "twitch"), ("WEBHOOK_SECRET_SOURCE", "HELLOabc2321"));
        Admission Of(string body) => Admission.Of(source, new(
            new HeaderDictionary
            {
                ["Content-Type"] = "application/json",
                ["Twitch-Eventsub-Message-Id"] = "8d8fa82b-9792-79da-4e11-a6fa58a7a582",
                ["Twitch-Eventsub-Message-Type"] = "webhook_callback_verification",
                ["Twitch-Eventsub-Message-Timestamp"] = "2022-02-06T04:03:24.2726598Z",
                ["Twitch-Eventsub-Message-Signature"] =
                    "sha256=091f6a5c74fba820f2d50e9d0c5e7650556ee009375af2cc662e610e670bc412",
                ["Twitch-Eventsub-Subscription-Type"] = "channel.subscribe",
            },
            Encoding.UTF8.GetBytes(body), Url, DateTimeOffset.Parse("2022-02-06T04:03:25Z")));

        var reply = Assert.IsType<Admission.Greeting>(Of(Body)).Reply;

        Assert.Equal("11535768-497e-14ec-8197-ba2cb5341a01", Encoding.UTF8.GetString(reply.Body));
        Assert.IsType<Admission.Refused>(Of(Body.Replace("11535768", "11535769", StringComparison.Ordinal)));
    }

    [Fact]
    public void X_s_CRC_is_answered_as_another_project_answers_it()
    {
        // github.com/frain-dev/convoy, internal/pkg/crc/crc_test.go.
        var source = Read(("Webhooks:Sources:source:Scheme", "x"), ("WEBHOOK_SECRET_SOURCE", "Convoy"));

        var greeting = Handshakes.Answer(
            source, new("GET", new HeaderDictionary(), null, "?crc_token=uzwcfYtzr9"), isVerified: false, SampleRequest.Now)!;

        Assert.Equal(
            """{"response_token":"sha256=HXvxTdsfShG6k2zC9NVANwFquJBdOugRYHax2vNiiOo="}""",
            Encoding.UTF8.GetString(greeting.Reply.Body));
    }

    [Fact]
    public void Discord_s_own_PING_is_answered()
    {
        var vector = ProviderVectors.DiscordPing;
        HeaderDictionary headers = new() { ["Content-Type"] = "application/json" };
        foreach (var (name, value) in vector.Headers)
        {
            headers[name] = value;
        }

        var admission = Admission.Of(
            Read(("Webhooks:Sources:source:Scheme", "discord"), ("WEBHOOK_SECRET_SOURCE", vector.Secret)),
            new(headers, Encoding.UTF8.GetBytes(vector.Body), Url, vector.At));

        Assert.Equal("""{"type":1}""", Encoding.UTF8.GetString(Assert.IsType<Admission.Greeting>(admission).Reply.Body));
    }

    [Fact]
    public void AWS_SNS_s_confirmation_is_a_greeting_for_the_configured_topic_alone()
    {
        var vector = ProviderVectors.SnsConfirmation;
        var keys = PublicKeyParser.Parse(vector.Keys!);
        ReceivedRequest request = new(
            new HeaderDictionary { ["Content-Type"] = "text/plain; charset=UTF-8" }, Encoding.UTF8.GetBytes(vector.Body), "",
            vector.At, keys);

        var greeting = Assert.IsType<Admission.Greeting>(Admission.Of(SnsSource(vector.Secret), request));
        var other = Admission.Of(SnsSource($"{vector.Secret}-2"), request);

        Assert.Equal(HandshakeAction.Fetch, greeting.Handshake.Action);
        Assert.StartsWith(
            "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription", greeting.Challenge, StringComparison.Ordinal);
        Assert.Equal(Refusal.InvalidSignature, Assert.IsType<Admission.Refused>(other).Why);
    }

    private static Source SnsSource(string topic) => Read(
        ("Webhooks:Sources:source:Scheme", "sns"), ("Webhooks:Sources:source:Identity:0", "arn:aws:sns:eu-west-1:1:unused"),
        ("Webhooks:Sources:source:Identity:1", topic));

    private static string SecretOf(string scheme) =>
        scheme == "discord" ? SampleRequest.PrivateKey : Secret;

    private static Source SourceOf(string scheme, params (string Key, string? Value)[] settings) => Read(
    [
        ("Webhooks:Sources:source:Scheme", scheme), ("WEBHOOK_SECRET_SOURCE", SecretOf(scheme)),
        ("WEBHOOK_VERIFY_TOKEN_SOURCE", "token"), ("Webhooks:Sources:source:Url", Url), .. settings.Where(s => s.Value is not null),
    ]);

    private static Source Read(params (string Key, string? Value)[] settings)
    {
        var sources = SourceParser.Read(
            new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(
                setting => setting.Key, setting => setting.Value, StringComparer.Ordinal)).Build(),
            isDevelopment: false, out var errors);
        Assert.Empty(errors);
        return sources["source"];
    }

    private static Admission Decide(Source source, IHeaderDictionary headers, byte[] body, string url = Url) =>
        Admission.Of(source, new(headers, body, url, SampleRequest.Now));

    private static void Add(HeaderDictionary headers, string header)
    {
        if (header.Length > 0)
        {
            headers[header.Split(": ")[0]] = header.Split(": ")[1];
        }
    }
}
