using System.Text;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Unit.Signing;

/// <summary>Published examples of the first schemes, verified and signed again.</summary>
public sealed class PublishedVectorTests
{
    private const string StandardId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string StandardBody = """{"test": 2432232314}""";
    private const string PublicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
    private const string SlackBody =
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        + "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    private const string WhatsAppBody =
        """{"object":"whatsapp_business_account","entry":[{"id":"0","changes":[{"value":"""
        + """{"messaging_product":"whatsapp","metadata":"""
        + """{"display_phone_number":"16505551111","phone_number_id":"1234567890"},"contacts":"""
        + """[{"profile":{"name":"Test User"},"wa_id":"16315551000"}],"messages":"""
        + """[{"from":"16315551000","id":"wamid.HBgLMTYzMTU1NTEwMDAVO0IA","timestamp":"1700000000","text":"""
        + """{"body":"Hello"}}]},"field":"messages"}]}]}""";

    /// <summary>Scheme, secret that signs, secret that verifies, Unix time, body, the signature header's value.</summary>
    public static TheoryData<string, string, string, long, string, string> Vectors => new()
    {
        // GitHub docs, "Testing the webhook payload validation".
        {
            "github", "It's a Secret to Everybody", "It's a Secret to Everybody", 0, "Hello, World!",
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        },
        // A message of WhatsApp: github.com/SlopMaster2/webhook-verify, src/providers/meta.rs, tests.
        {
            "meta", "meta_app_secret_0123456789abcdef", "meta_app_secret_0123456789abcdef", 0, WhatsAppBody,
            "sha256=3a8e2537f6da233150367098bf5edc43c2b8f89052773e2c4dfcdeb76c144bd8"
        },
        // The same, src/providers/stripe.rs. Stripe's own library signs in StripeTests.
        { "stripe", "whsec_test_secret", "whsec_test_secret", 1700000000, """{"id":"evt_test_webhook","object":"event"}""",
            "t=1700000000,v1=d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990" },
        // github.com/sqlpage/SQLPage, tests/sql_test_files/data/hmac_shopify_webhook.sql.
        { "shopify", "test-webhook-secret", "test-webhook-secret", 0,
            """{"id":1234567890,"email":"customer@example.com","total_price":"123.45"}""",
            "QNyObTlKbMx2qDlPF/ZOZcBqg5OgPg+2oky3zldc0Gw=" },
        // Slack docs, "Verifying requests from Slack".
        {
            "slack", "8f742231b10e8888abcd99yyyzzz85a5", "8f742231b10e8888abcd99yyyzzz85a5", 1531420618, SlackBody,
            "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
        },
        // Standard Webhooks' and Svix's libraries: tests and documentation.
        {
            "standard", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1614265330, StandardBody,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        },
        {
            "standard", SampleRequest.HmacSecret, SampleRequest.HmacSecret, 1614265330, StandardBody,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        },
        {
            "standard", SampleRequest.PrivateKey, PublicKey, 1614265330, StandardBody,
            "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
        },
        {
            "standard", SampleRequest.PrivateKey, SampleRequest.PrivateKey, 1614265330, StandardBody,
            "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
        },
        // Paddle's libraries: tests.
        {
            "paddle", "VALID_SECRET", "VALID_SECRET", 1698796800, """{"data": ["1", "2"]}""",
            "ts=1698796800;h1=a300428748dce5c70e4da19bffd60769591ea969c99dea3105d0ec9612cf43f9"
        },
        // Ours, which nobody else signs: openssl dgst -sha256 -hmac dev_secret_change_me, over time, dot and body, or the body.
        {
            "provider", "dev_secret_change_me", "dev_secret_change_me", 1614265330, StandardBody,
            "141f1885ce78bf83459e6e8ee59cbaf405fa448feff22aad44701eed4efd0088"
        },
        {
            "agent", "dev_secret_change_me", "dev_secret_change_me", 1614265330, StandardBody,
            "141f1885ce78bf83459e6e8ee59cbaf405fa448feff22aad44701eed4efd0088"
        },
        { "messages", "dev_secret_change_me", "dev_secret_change_me", 0, StandardBody,
            "31923415c853343f66fa9289a2d5cafffe4c5322cab2b10cbf06143ab7caf6c9" },
        { "generic", "dev_secret_change_me", "dev_secret_change_me", 0, StandardBody,
            "sha256=31923415c853343f66fa9289a2d5cafffe4c5322cab2b10cbf06143ab7caf6c9" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void An_example_is_verified_and_signed_again(
        string name, string signing, string verifying, long time, string text, string signature)
    {
        var scheme = SignatureSchemes.ByName[name];
        var now = DateTimeOffset.FromUnixTimeSeconds(time);
        var body = Encoding.UTF8.GetBytes(text);

        var signed = MessageSigner.Sign(scheme, [SampleRequest.Key(signing, scheme)], StandardId, now, body);

        Assert.Equal(signature, signed.Single(header => header.Key == scheme.SignatureHeader).Value);
        var headers = new HeaderDictionary();
        foreach (var (header, value) in signed)
        {
            headers[header] = value;
        }

        Assert.Equal(
            VerificationResult.Valid,
            SignatureVerifier.Verify(scheme, [SampleRequest.Key(verifying, scheme)], new(headers, body, ""), now).Result);
    }

    [Fact]
    public void Twilio_s_example_is_verified_and_signed_again()
    {
        // Twilio docs, "Validating requests".
        var sample = SampleRequest.Of(
            SignatureSchemes.Twilio,
            "To=%2B18005551212&Digits=1234&Caller=%2B14158675309&CallSid=CA1234567890ABCDE&From=%2B14158675309",
            "application/x-www-form-urlencoded",
            "12345",
            "https://mycompany.com/myapp.php?foo=1&bar=2");

        Assert.Equal("RSOYDt4T1cUTdK1PDd93/VVr8B8=", sample.Headers["X-Twilio-Signature"]);
        Assert.Equal(VerificationResult.Valid, sample.Verify("12345"));
    }

    [Fact]
    public void Square_s_example_is_verified_and_signed_again()
    {
        // Square's libraries: tests (WebhooksHelper).
        var sample = SampleRequest.Of(
            SignatureSchemes.Square, """{"data":{"type":"webhooks","id":"fake_id"}}""", "application/json", "signature-key", "https://webhook.site/webhooks");

        Assert.Equal("W3FlCNk5IA3ZQ2LHTWoajvzfaDu/OwY2tNHIHC3IUOA=", sample.Headers["x-square-hmacsha256-signature"]);
        Assert.Equal(VerificationResult.Valid, sample.Verify("signature-key"));
    }
}
