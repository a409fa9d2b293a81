using System.Text;
using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Unit.Signing;

/// <summary>The providers' own published examples, verified and signed again.</summary>
public sealed class PublishedVectorTests
{
    private const string Url = "https://hooks.example.com/webhooks/source";

    private const string StandardId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string StandardBody = """{"test": 2432232314}""";
    private const string PrivateKey = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
    private const string PublicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";

    private static readonly DateTimeOffset StandardTime = DateTimeOffset.FromUnixTimeSeconds(1614265330);

    public static TheoryData<string, string, string, string> Standard => new()
    {
        // Standard Webhooks' and Svix's libraries: tests and documentation.
        { "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1" },
        { "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1 with prefix" },
        { PrivateKey, PublicKey, "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==", "v1a" },
    };

    [Fact]
    public void GitHubs_example_is_verified_and_signed_again()
    {
        // GitHub docs, "Testing the webhook payload validation".
        const string Signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        SigningKey[] keys = [Key("It's a Secret to Everybody", SignatureSchemes.GitHub)];
        var body = "Hello, World!"u8;
        var headers = new HeaderDictionary { ["X-Hub-Signature-256"] = Signature };

        Assert.Equal(VerificationResult.Valid, SignatureVerifier.Verify(SignatureSchemes.GitHub, keys, new(headers, body, Url), StandardTime).Result);
        Assert.Equal(Signature, Assert.Single(MessageSigner.Sign(SignatureSchemes.GitHub, keys, "unused", StandardTime, body)).Value);
    }

    [Theory]
    [MemberData(nameof(Standard))]
    public void Standard_Webhooks_examples_are_verified_and_signed_again(string signing, string verifying, string signature, string version)
    {
        Assert.NotEmpty(version);
        var body = Encoding.UTF8.GetBytes(StandardBody);
        var headers = new HeaderDictionary
        {
            ["webhook-id"] = StandardId,
            ["webhook-timestamp"] = "1614265330",
            ["webhook-signature"] = signature,
        };

        Assert.Equal(
            VerificationResult.Valid,
            SignatureVerifier.Verify(SignatureSchemes.Standard, [Key(verifying, SignatureSchemes.Standard)], new(headers, body, Url), StandardTime).Result);
        var signed = MessageSigner.Sign(SignatureSchemes.Standard, [Key(signing, SignatureSchemes.Standard)], StandardId, StandardTime, body);
        Assert.Equal(signature, signed.Single(header => header.Key == "webhook-signature").Value);
    }

    [Fact]
    public void A_private_v1a_key_verifies_too()
    {
        var body = Encoding.UTF8.GetBytes(StandardBody);
        SigningKey[] keys = [Key(PrivateKey, SignatureSchemes.Standard)];
        var headers = new HeaderDictionary();
        foreach (var (name, value) in MessageSigner.Sign(SignatureSchemes.Standard, keys, StandardId, StandardTime, body))
        {
            headers[name] = value;
        }

        Assert.Equal(VerificationResult.Valid, SignatureVerifier.Verify(SignatureSchemes.Standard, keys, new(headers, body, Url), StandardTime).Result);
    }

    [Fact]
    public void The_stamped_scheme_signs_time_and_body_in_hex()
    {
        // Computed with: printf '%s' '1614265330.{"test": 2432232314}' | openssl dgst -sha256 -hmac dev_secret_change_me
        const string Signature = "141f1885ce78bf83459e6e8ee59cbaf405fa448feff22aad44701eed4efd0088";
        SigningKey[] keys = [Key("dev_secret_change_me", SignatureSchemes.Provider)];
        var body = Encoding.UTF8.GetBytes(StandardBody);
        var headers = new HeaderDictionary
        {
            ["X-Event-Id"] = "evt_001",
            ["X-Webhook-Timestamp"] = "1614265330",
            ["X-Webhook-Signature"] = Signature,
        };

        Assert.Equal(VerificationResult.Valid, SignatureVerifier.Verify(SignatureSchemes.Provider, keys, new(headers, body, Url), StandardTime).Result);
        var signed = MessageSigner.Sign(SignatureSchemes.Provider, keys, "evt_001", StandardTime, body);
        Assert.Equal(headers.Select(h => (h.Key, h.Value.ToString())).Order(), signed.Select(h => (h.Key, h.Value)).Order());
    }

    private static SigningKey Key(string secret, SignatureScheme scheme) => SigningKey.Parse(new Secret(secret), scheme.KeyEncoding);
}
