using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Unit.Signing;

/// <summary>What each provider's document says beside the formula.</summary>
public sealed class ProviderRuleTests
{
    private const string FormType = "application/x-www-form-urlencoded";

    // {0} is the right signature's hex, {1} the time.
    [Theory]
    [InlineData("stripe", "t={1},v1={0}", VerificationResult.Valid)]
    [InlineData("stripe", "v1={0},t={1}", VerificationResult.Valid)]
    [InlineData("stripe", "t={1}, v1={0}", VerificationResult.Valid)]
    [InlineData("stripe", "t={1},v1=00,v1={0}", VerificationResult.Valid)]
    [InlineData("stripe", "t={1},v1={0},v1=00", VerificationResult.Valid)]
    [InlineData("stripe", "t={1},v1=,v1=zz,nonsense,,v1={0},v0=00", VerificationResult.Valid)]
    [InlineData("stripe", "t={1},v0={0}", VerificationResult.WrongSignature)]
    [InlineData("stripe", "t={1},V1={0}", VerificationResult.WrongSignature)]
    [InlineData("stripe", "t={1}", VerificationResult.WrongSignature)]
    [InlineData("stripe", "t={1};v1={0}", VerificationResult.InvalidTimestamp)]
    [InlineData("stripe", "v1={0}", VerificationResult.MissingTimestamp)]
    [InlineData("stripe", "T={1},v1={0}", VerificationResult.MissingTimestamp)]
    [InlineData("stripe", "t=,v1={0}", VerificationResult.InvalidTimestamp)]
    [InlineData("stripe", "t={1},t={1},v1={0}", VerificationResult.InvalidTimestamp)]
    [InlineData("stripe", "t=1,v1={0},t={1}", VerificationResult.InvalidTimestamp)]
    [InlineData("stripe", "t=1,v1={0}", VerificationResult.StaleTimestamp)]
    [InlineData("paddle", "ts={1};h1={0}", VerificationResult.Valid)]
    [InlineData("paddle", "ts={1};h1=00;h1={0}", VerificationResult.Valid)]
    [InlineData("paddle", "ts={1};h1=!!;h1={0};h2=1", VerificationResult.Valid)]
    [InlineData("paddle", "ts={1};h2={0}", VerificationResult.WrongSignature)]
    [InlineData("paddle", "h1={0}", VerificationResult.MissingTimestamp)]
    [InlineData("paddle", "ts={1};ts={1};h1={0}", VerificationResult.InvalidTimestamp)]
    [InlineData("paddle", "ts={1},h1={0}", VerificationResult.InvalidTimestamp)]
    [InlineData("slack", "v0={0}", VerificationResult.Valid)]
    [InlineData("slack", "v1={0}", VerificationResult.WrongSignature)]
    [InlineData("slack", "{0}", VerificationResult.WrongSignature)]
    [InlineData("meta", "sha256={0}", VerificationResult.Valid)]
    [InlineData("meta", "sha1={0}", VerificationResult.WrongSignature)]
    [InlineData("generic", "sha256={0}", VerificationResult.Valid)]
    [InlineData("generic", "{0}", VerificationResult.WrongSignature)]
    [InlineData("messages", "{0}", VerificationResult.Valid)]
    [InlineData("messages", "sha256={0}", VerificationResult.WrongSignature)]
    [InlineData("agent", "{0}", VerificationResult.Valid)]
    [InlineData("agent", "{0}00", VerificationResult.WrongSignature)]
    [InlineData("discord", "{0}", VerificationResult.Valid)]
    [InlineData("discord", "{0}00", VerificationResult.WrongSignature)]
    public void A_signature_header_is_read_as_the_provider_writes_it(string scheme, string format, VerificationResult expected)
    {
        var sample = SampleRequest.Of(scheme);
        var name = sample.Scheme.SignatureHeader;
        var hex = sample.Headers[name].ToString().Split('=')[^1];
        var time = SampleRequest.Now.ToUnixTimeSeconds();

        Assert.Equal(expected, sample.With(headers => headers[name] = string.Format(format, hex, time)).Verify());
        Assert.Equal(
            expected, sample.With(headers => headers[name] = string.Format(format, hex.ToUpperInvariant(), time)).Verify());
    }

    // Twilio, "Sign webhooks with shared keys": only the hash and the key differ.
    [Theory]
    [InlineData("From=1&To=2", FormType, "https://example.com/w", "https://example.com/wFrom1To2")]
    [InlineData("{}", "application/json", "https://example.com/w?bodySHA256={0}", "https://example.com/w?bodySHA256={0}")]
    public void Twilio_signs_with_SHA_256_too(string body, string contentType, string url, string signed)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var key = Encoding.UTF8.GetBytes(SampleRequest.HmacSecret);
        var signature = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(string.Format(signed, hash)));
        var headers = new HeaderDictionary
        {
            ["Content-Type"] = contentType, ["X-Twilio-Signature"] = Convert.ToBase64String(signature),
            ["X-Twilio-Webhooks-Signature-Settings"] = "key=SK1,algorithm=HMAC_SHA256",
        };
        var request = new SampleRequest(SignatureSchemes.Twilio, headers, bytes, string.Format(url, hash));

        Assert.Equal(VerificationResult.Valid, request.Verify());
        Assert.Equal(VerificationResult.WrongSignature, (request with { Url = request.Url + "x" }).Verify());
        signature[0] ^= 1;
        headers["X-Twilio-Signature"] = Convert.ToBase64String(signature);
        Assert.Equal(VerificationResult.WrongSignature, request.Verify());
    }

    // verify() of the agent's document: first the time, then the signature.
    [Theory]
    [InlineData(null, null, VerificationResult.MissingTimestamp)]
    [InlineData(null, "right", VerificationResult.MissingTimestamp)]
    [InlineData("", "right", VerificationResult.MissingTimestamp)]
    [InlineData("soon", null, VerificationResult.InvalidTimestamp)]
    [InlineData("1", null, VerificationResult.StaleTimestamp)]
    [InlineData("1", "wrong", VerificationResult.StaleTimestamp)]
    [InlineData("fresh", null, VerificationResult.MissingHeader)]
    [InlineData("fresh", "", VerificationResult.MissingHeader)]
    [InlineData("fresh", "wrong", VerificationResult.WrongSignature)]
    [InlineData("fresh", "right", VerificationResult.Valid)]
    public void The_agent_s_time_is_judged_before_its_signature(string? time, string? signature, VerificationResult expected)
    {
        var sample = SampleRequest.Of("agent").With(headers =>
        {
            headers["X-Timestamp"] = time == "fresh" ? headers["X-Timestamp"] : time;
            headers["X-Signature"] = signature == "right" ? headers["X-Signature"] : signature;
        });

        Assert.Equal(expected, sample.Verify());
    }

    // The provider's document asks for all headers first.
    [Theory]
    [InlineData("X-Webhook-Timestamp", VerificationResult.MissingTimestamp)]
    [InlineData("X-Webhook-Signature", VerificationResult.MissingHeader)]
    [InlineData("X-Event-Id", VerificationResult.MissingId)]
    public void A_provider_s_missing_header_is_named_before_a_wrong_time_and_a_right_signature_before_a_missing_id(
        string missing, VerificationResult expected)
    {
        var sample = SampleRequest.Of("provider").With(headers => headers.Remove(missing));

        Assert.Equal(expected, sample.Verify());
        if (missing != "X-Webhook-Timestamp")
        {
            Assert.Equal(VerificationResult.MissingHeader, sample.Verify(SampleRequest.Now.AddHours(1)));
            Assert.Equal(VerificationResult.MissingHeader, sample.With(headers => headers["X-Webhook-Timestamp"] = "x").Verify());
        }

        Assert.Equal(
            missing == "X-Event-Id" ? VerificationResult.MissingHeader : expected,
            sample.Verify(SampleRequest.OtherSecretOf(sample.Scheme)));
    }

    [Fact]
    public void Without_an_id_that_is_not_signed_the_signature_is_judged_all_the_same()
    {
        var sample = SampleRequest.Of("generic").With(headers => headers.Remove("X-Idempotency-Key"));

        Assert.Equal(VerificationResult.MissingId, sample.Verify());
        Assert.Equal(VerificationResult.MissingHeader, sample.Verify(SampleRequest.OtherSecretOf(sample.Scheme)));
        Assert.Equal(
            VerificationResult.MissingHeader, SampleRequest.Of("standard").With(headers => headers.Remove("webhook-id")).Verify());
    }

    [Fact]
    public void Stripe_s_key_is_the_whole_text_and_standard_webhooks_is_what_follows_the_prefix()
    {
        var bare = SampleRequest.HmacSecret["whsec_".Length..];

        Assert.Equal(VerificationResult.WrongSignature, SampleRequest.Of("stripe").Verify(bare));
        Assert.Equal(VerificationResult.Valid, SampleRequest.Of("standard").Verify(bare));
    }

    [Theory]
    [InlineData("https://example.com/w?a=1", "https://example.com:443/w?a=1")]
    [InlineData("https://example.com:443/w?a=1", "https://example.com/w?a=1")]
    [InlineData("http://example.com/w", "http://example.com:80/w")]
    [InlineData("https://example.com:8443/w", "https://example.com/w")]
    [InlineData("https://example.com?a=b:c", "https://example.com:443?a=b:c")]
    [InlineData("https://user:pass@example.com/w", "https://user:pass@example.com:443/w")]
    [InlineData("https://[::1]/w", "https://[::1]:443/w")]
    [InlineData("https://[::1]:443/w", "https://[::1]/w")]
    public void Twilio_s_URL_counts_with_and_without_the_port(string configured, string signed)
    {
        var sample = SampleRequest.Of(SignatureSchemes.Twilio, "From=1", FormType, url: signed);

        Assert.Equal(VerificationResult.Valid, (sample with { Url = configured }).Verify());
        Assert.Equal(VerificationResult.Valid, sample.Verify());
        Assert.Equal(VerificationResult.WrongSignature, (sample with { Url = configured + "x" }).Verify());
    }

    [Theory]
    [InlineData("https://example.com/w", "https://example.com:443/w")]
    [InlineData("https://example.com/w", "http://example.com/w")]
    [InlineData("https://example.com/w", "https://example.com/w?")]
    [InlineData("https://example.com/w", "https://example.com/w/")]
    public void Square_s_URL_is_exact(string configured, string signed) => Assert.Equal(
        VerificationResult.WrongSignature,
        (SampleRequest.Of(SignatureSchemes.Square, "{}", "application/json", url: signed) with { Url = configured }).Verify());

    [Theory]
    [InlineData("b=2&a=1", "a1b2")]
    [InlineData("a=2&a=1&a=2", "a1a2")]
    [InlineData("B=1&a=1&_=1", "B1_1a1")]
    [InlineData("a=%2B1+x%20y", "a+1 x y")]
    [InlineData("a=%C3%BC&a%5B%5D=1", "aüa[]1")]
    [InlineData("a&b=&=c&&", "cab")]
    [InlineData("a=b=c", "ab=c")]
    [InlineData("", "")]
    public void Form_fields_are_signed_sorted_each_value_once(string form, string expected) =>
        Assert.Equal(expected, SignedForm.Of(FormType, Encoding.UTF8.GetBytes(form), "https://example.com/"));

    [Fact]
    public void A_form_that_is_no_text_or_has_too_many_fields_protects_nothing()
    {
        Assert.Null(SignedForm.Of(FormType, [(byte)'a', (byte)'=', 0xff], ""));
        Assert.Null(
            SignedForm.Of(
                FormType, Encoding.UTF8.GetBytes(string.Join('&', Enumerable.Range(0, 1025).Select(i => $"k{i}"))), ""));
        Assert.NotNull(
            SignedForm.Of(
                FormType, Encoding.UTF8.GetBytes(string.Join('&', Enumerable.Range(0, 1024).Select(i => $"k{i}"))), ""));
    }

    [Theory]
    [InlineData(FormType, true)]
    [InlineData("APPLICATION/x-www-form-urlencoded; charset=UTF-8", true)]
    [InlineData("application/json", false)]
    [InlineData("multipart/form-data; boundary=x", false)]
    [InlineData("text/plain", false)]
    [InlineData("nonsense", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Without_a_hash_in_the_URL_only_a_form_is_protected(string? contentType, bool isForm)
    {
        var sample = SampleRequest.Of(SignatureSchemes.Twilio, "From=1", FormType)
            .With(headers => headers["Content-Type"] = contentType);
        Assert.Equal(isForm ? VerificationResult.Valid : VerificationResult.WrongSignature, sample.Verify());
    }

    [Theory]
    [InlineData("application/json", "bodySHA256={0}", VerificationResult.Valid)]
    [InlineData("application/json", "x=1&bodySHA256={0}&y=2", VerificationResult.Valid)]
    [InlineData(null, "bodySHA256={0}", VerificationResult.Valid)]
    [InlineData(FormType, "bodySHA256={0}", VerificationResult.Valid)]
    [InlineData("application/json", "", VerificationResult.WrongSignature)]
    [InlineData("application/json", "bodySHA256=", VerificationResult.WrongSignature)]
    [InlineData("application/json", "bodySHA256=00", VerificationResult.WrongSignature)]
    [InlineData("application/json", "bodySHA256=zz", VerificationResult.WrongSignature)]
    [InlineData("application/json", "bodySHA256={0}00", VerificationResult.WrongSignature)]
    [InlineData("application/json", "bodySHA256={0}&bodySHA256={0}", VerificationResult.WrongSignature)]
    [InlineData(FormType, "bodySHA256=00", VerificationResult.WrongSignature)]
    public void A_body_that_is_no_form_is_protected_by_its_hash_in_the_signed_URL(
        string? contentType, string query, VerificationResult expected)
    {
        var body = "{}"u8.ToArray();
        var url = "https://example.com/w?" + string.Format(query, Convert.ToHexStringLower(SHA256.HashData(body)));
        // Signed over the URL whatever that says of the body, so that only the hash can be wrong.
        var signature = Convert.ToBase64String(
            HmacSha1(Encoding.UTF8.GetBytes(SampleRequest.HmacSecret), Encoding.UTF8.GetBytes(url)));
        var headers = new HeaderDictionary { ["X-Twilio-Signature"] = signature, ["Content-Type"] = contentType };

        Assert.Equal(expected, new SampleRequest(SignatureSchemes.Twilio, headers, body, url).Verify());
    }

    [Theory]
    [InlineData("")]
    [InlineData("&")]
    [InlineData("=")]
    public void A_form_of_nothing_is_no_way_round_the_hash(string body)
    {
        var signed = SampleRequest.Of(SignatureSchemes.Twilio, """{"a":1}""", "application/json");
        var forged = signed.With(headers => headers["Content-Type"] = FormType) with { Body = Encoding.UTF8.GetBytes(body) };

        Assert.Equal(VerificationResult.WrongSignature, forged.Verify());
    }

    [Fact]
    public void Svix_s_headers_apply_as_a_whole()
    {
        var svix = SampleRequest.Of(SignatureSchemes.Standard.Variants[0], """{"type":"a"}""", "application/json") with { Scheme = SignatureSchemes.Standard };

        // An id that nobody signed must not become the delivery's.
        var verification = Verification(svix.With(headers => headers["webhook-id"] = "another"));
        Assert.Equal(
            (VerificationResult.Valid, "header:svix-id"), (verification.Result, verification.Scheme.DeliveryId.ToString()));
        Assert.Equal("header:webhook-id", Verification(SampleRequest.Of("standard")).Scheme.DeliveryId.ToString());

        // Neither may one set of headers fill the gaps of the other.
        Assert.Equal(VerificationResult.MissingHeader, svix.With(headers => Rename(headers, "svix-id", "webhook-id")).Verify());
        Assert.Equal(
            VerificationResult.MissingHeader,
            svix.With(headers => Rename(headers, "svix-signature", "webhook-signature")).Verify());
        Assert.Equal(VerificationResult.MissingHeader, svix.With(headers => headers["webhook-signature"] = "v1,AAAA").Verify());
        Assert.Equal(
            VerificationResult.MissingHeader,
            SampleRequest.Of("standard").With(headers => headers.Remove("webhook-signature")).Verify());
    }

    [Theory]
    [InlineData(SampleRequest.PrivateKey)]
    [InlineData("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=")]
    [InlineData("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=")]
    [InlineData("d52880e28f61caa4c2a48a82e55f4751a92289a78009ea9f6532270c16ce8abe")]
    [InlineData("D52880E28F61CAA4C2A48A82E55F4751A92289A78009EA9F6532270C16CE8ABE")]
    public void Discord_s_key_is_written_in_several_ways(string key) =>
        Assert.Equal(VerificationResult.Valid, SampleRequest.Of("discord").Verify(key));

    // Scheme, headers, body, delivery id, type; * stands for the digest.
    public static TheoryData<string, string, string, string?, string?> Places => new()
    {
        { "stripe", "", """{"id":"evt_1","type":"invoice.paid"}""", "evt_1", "invoice.paid" },
        { "stripe", "Idempotency-Key=x", """{"type":"invoice.paid"}""", null, "invoice.paid" },
        { "github", "X-GitHub-Delivery=d1;X-GitHub-Event=push", """{"id":"x"}""", "d1", "push" },
        { "shopify", "X-Shopify-Webhook-Id=s1;X-Shopify-Topic=orders/create", """{"id":1}""", "s1", "orders/create" },
        { "shopify", "X-Shopify-Event-Id=s1", """{"id":1}""", null, null },
        { "slack", "", """{"type":"event_callback","event_id":"Ev1","event":{"type":"message"}}""", "Ev1", "message" },
        { "slack", "", """{"command":"/deploy","text":""}""", "*", "/deploy" },
        { "slack", "", """{"type":"block_actions"}""", "*", "block_actions" },
        { "slack", "", "{}", "*", "unknown" },
        { "twilio", "I-Twilio-Idempotency-Token=t1", """{"MessageStatus":"sent","SmsStatus":"old"}""", "t1", "sent" },
        { "twilio", "", """{"CallStatus":"ringing"}""", "*", "ringing" },
        { "twilio", "", """{"SmsStatus":"received"}""", "*", "received" },
        { "twilio", "", """{"EventType":"onMessageAdded","MessageStatus":"sent"}""", "*", "onMessageAdded" },
        { "twilio", "", "{}", "*", "unknown" },
        { "standard", "webhook-id=w1", """{"type":"a.b"}""", "w1", "a.b" },
        { "discord", "", """{"id":"i1","type":2}""", "i1", "2" },
        { "discord", "", """{"type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}""", "*", "APPLICATION_AUTHORIZED" },
        { "paddle", "", """{"event_id":"evt_1","event_type":"transaction.paid"}""", "evt_1", "transaction.paid" },
        { "square", "", """{"event_id":"e1","type":"payment.created"}""", "e1", "payment.created" },
        { "meta", "", """{"object":"page","entry":[]}""", "*", "page" },
        { "provider", "X-Event-Id=e1", """{"type":"user.created"}""", "e1", "user.created" },
        { "provider", "X-Event-Id=e1", "{}", "e1", "unknown" },
        { "agent", "", """{"id":"a1","event":"ticket"}""", "a1", "ticket" },
        { "agent", "", """{"type":"t"}""", "*", "t" },
        { "agent", "", "{}", "*", "unknown" },
        { "messages", "", """{"message_id":"m1"}""", "m1", "message" },
        { "generic", "X-Idempotency-Key=k1;X-Event-Type=h", """{"type":"b"}""", "k1", "h" },
        { "generic", "X-Idempotency-Key=k1", """{"type":"b"}""", "k1", "b" },
        { "generic", "X-Idempotency-Key=k1", "{}", "k1", "unknown" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void A_delivery_s_id_and_type_are_where_the_provider_puts_them(
        string scheme, string headers, string body, string? id, string? type)
    {
        var sent = new HeaderDictionary();
        foreach (var pair in headers.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(header => header.Split('=')))
        {
            sent[pair[0]] = pair[1];
        }

        var document = JsonElement.Parse(body);
        Assert.Equal(id, SignatureSchemes.ByName[scheme].DeliveryId.Find(sent, document, () => "*"));
        Assert.Equal(type, SignatureSchemes.ByName[scheme].EventType.Find(sent, document, () => "*"));
    }

    [Theory]
    [InlineData(SignatureAlgorithm.HmacSha1, KeyEncoding.Hex, "0102", "{body}")]
    [InlineData(SignatureAlgorithm.HmacSha512, KeyEncoding.Base64, "AQI=", "{body}")]
    [InlineData(SignatureAlgorithm.HmacSha512, KeyEncoding.Utf8, "s", "{url}|{body}")]
    public void A_scheme_of_one_s_own_is_data_too(
        SignatureAlgorithm algorithm, KeyEncoding encoding, string secret, string content)
    {
        var scheme = SignatureSchemes.Generic with
        {
            Versions = [new("", algorithm, SignatureEncoding.Base64)],
            KeyEncoding = encoding,
            Content = SignedContent.Parse(content),
        };
        var sample = SampleRequest.Of(scheme, "{}", "application/json", secret);
        var key = encoding == KeyEncoding.Utf8 ? Encoding.UTF8.GetBytes(secret) : [1, 2];
        var signed = Encoding.UTF8.GetBytes(content == "{body}" ? "{}" : $"{sample.Url}|{{}}");

        Assert.Equal(
            Convert.ToBase64String(
                algorithm == SignatureAlgorithm.HmacSha1 ? HmacSha1(key, signed) : HMACSHA512.HashData(key, signed)),
            sample.Headers["X-Signature"]);
        Assert.Equal(VerificationResult.Valid, sample.Verify(secret));
    }

    private static Verification Verification(SampleRequest sample) => SignatureVerifier.Verify(
        sample.Scheme,
        [SigningKey.Parse(new Secret(SampleRequest.HmacSecret), KeyEncoding.StandardWebhooks)],
        new(sample.Headers, sample.Body, sample.Url),
        SampleRequest.Now);

    private static void Rename(HeaderDictionary headers, string from, string to)
    {
        headers[to] = headers[from];
        headers.Remove(from);
    }

#pragma warning disable CA5350 // Twilio's.
    private static byte[] HmacSha1(byte[] key, byte[] content) => HMACSHA1.HashData(key, content);
#pragma warning restore CA5350
}
