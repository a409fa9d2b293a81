using System.Text;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Unit.Signing;

/// <summary>
/// The providers' schemes against requests that somebody else signed. A Receiver in Production with the source's settings alone
/// takes each; with one character of what is signed changed, it does not.
/// </summary>
public sealed class ProviderVectorTests
{
    public static TheoryData<int, string> Vectors => new(ProviderVectors.All.Select((vector, index) => (index, vector.Scheme)));

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_request_of_the_provider_is_verified_and_admitted(int index, string scheme)
    {
        var vector = ProviderVectors.All[index];

        Assert.Equal(VerificationResult.Valid, Verify(vector));
        if (vector.Event is { } expected)
        {
            var admitted = Assert.IsType<Admission.Admitted>(Decide(vector));
            Assert.Equal(expected.Type, admitted.Event.EventType);
            Assert.Equal(expected.Id == "*" ? admitted.Event.DeliveryId : expected.Id, admitted.Event.DeliveryId);
            Assert.Equal(scheme, vector.Scheme);
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Each_changed_character_of_what_is_signed_is_seen(int index, string scheme)
    {
        var vector = ProviderVectors.All[index];
        foreach (var part in vector.Signed ?? [vector.Body])
        {
            var start = vector.Body.IndexOf(part, StringComparison.Ordinal);
            for (var at = start; at < start + part.Length; at++)
            {
                var changed = vector with { Body = Changed(vector.Body, at) };
                Assert.True(Verify(changed) != VerificationResult.Valid, $"{scheme}: {changed.Body}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_changed_signature_id_or_time_is_refused(int index, string scheme)
    {
        var vector = ProviderVectors.All[index];
        var rules = vector.Rules.Variants.FirstOrDefault(variant =>
            vector.Headers.Any(header => header.Name == variant.SignatureHeader)) ?? vector.Rules;
        for (var header = 0; header < vector.Headers.Length; header++)
        {
            var (name, value) = vector.Headers[header];
            var isSigned = name == rules.SignatureHeader || name.StartsWith("X-DocuSign-Signature-2", StringComparison.Ordinal)
                || (name == rules.IdHeader && rules.Content.Has(SignedField.Id))
                || (name == rules.TimestampHeader && rules.Content.Has(SignedField.Timestamp));

            // The last character of a base64url signature has bits that are not read.
            for (var at = 0; isSigned && at < value.Length - 1; at++)
            {
                (string, string)[] headers = [.. vector.Headers];
                headers[header] = (name, Changed(value, at));
                Assert.True(
                    Verify(vector with { Headers = headers }) != VerificationResult.Valid, $"{scheme}: {headers[header].Item2}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Another_secret_or_identity_is_refused(int index, string scheme)
    {
        var vector = ProviderVectors.All[index];
        var other = vector.Rules switch
        {
            { KeyEncoding: KeyEncoding.Hex } => "00112233445566778899aabbccddeeff",
            { KeyEncoding: KeyEncoding.StandardWebhooks } => "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            { KeyEncoding: KeyEncoding.Ed25519 } => "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            { KeyEncoding: KeyEncoding.PublicKey } =>
                """{"crv":"P-256","kty":"EC","x":"hKXLGIjWvCBv-cP5euCTxl8g9GLG9zHo_3pO5NN1DwQ","y":"shhexqPB7YffGn6fR6h2UhTSuCtPmfzQJ6ENVIoO4Ys"}""",
            { Keys: not null } => vector.Secret.Replace("aud=", "aud=https://other.example.com/", StringComparison.Ordinal)
                is var claims && claims != vector.Secret ? claims : "another",
            _ => "another",
        };

        Assert.True(Verify(vector, other) != VerificationResult.Valid, scheme);
    }

    [Fact]
    public void Each_scheme_of_a_provider_has_a_request_that_somebody_else_signed() => Assert.Empty(
        SignatureSchemes.ByName.Keys.Except(ProviderVectors.All.Select(vector => vector.Scheme), StringComparer.Ordinal)
            .Except(
                [
                    // PublishedVectorTests.
                    "github", "stripe", "slack", "shopify", "twilio", "standard", "paddle", "square", "meta", "provider",
                    "agent", "messages", "generic",
                ],
                StringComparer.Ordinal));

    [Fact]
    public void An_item_that_Adyen_did_not_sign_is_refused_beside_one_that_it_signed()
    {
        var vector = ProviderVectors.All.Single(vector => vector.Scheme == "adyen");
        var body = vector.Body.Replace(
            "}]}", """},{"NotificationRequestItem":{"pspReference":"9","eventCode":"REFUND","success":"true"}}]}""",
            StringComparison.Ordinal);

        Assert.Equal(VerificationResult.WrongSignature, Verify(vector with { Body = body }));
    }

    [Fact]
    public void Lines_of_a_message_are_not_taken_for_other_members()
    {
        // What AWS signs for one topic, read as a message of another: the text of the message holds the lines of the victim's.
        var json = System.Text.Json.JsonElement.Parse(
            """{"Message":"m\nMessageId\ni\nTopicArn\nvictim\nType\nNotification","TopicArn":"attacker","Type":"Notification"}""");
        var forged = System.Text.Json.JsonElement.Parse(
            """{"Message":"m","MessageId":"i","TopicArn":"victim","Type":"Notification\nTopicArn\nattacker\nType\nNotification"}""");
        var content = SignedContent.ParsePartial("{lines:Message,MessageId,TopicArn,Type}");

        Assert.Equal(Written(content, json), Written(content, forged));
        Assert.True(content.IsUnambiguous(json));
        Assert.False(content.IsUnambiguous(forged));
    }

    [Theory]
    [InlineData(-301, VerificationResult.StaleTimestamp)]
    [InlineData(-300, VerificationResult.Valid)]
    [InlineData(3600, VerificationResult.Valid)]
    [InlineData(3899, VerificationResult.Valid)]
    [InlineData(3900, VerificationResult.StaleTimestamp)]
    public void A_token_counts_until_it_expires(int seconds, VerificationResult expected)
    {
        // Issued at 1587626288, for an hour.
        var vector = ProviderVectors.All.Single(vector => vector.Scheme == "pubsub");

        Assert.Equal(expected, Verify(vector with { At = DateTimeOffset.FromUnixTimeSeconds(1587626288 + seconds) }));
    }

    [Theory]
    [InlineData(300, VerificationResult.Valid)]
    [InlineData(301, VerificationResult.StaleTimestamp)]
    [InlineData(-301, VerificationResult.StaleTimestamp)]
    public void A_token_without_an_end_counts_as_long_as_a_timestamp(int seconds, VerificationResult expected)
    {
        var vector = ProviderVectors.All.Single(vector => vector.Scheme == "plaid");

        Assert.Equal(expected, Verify(vector with { At = DateTimeOffset.FromUnixTimeSeconds(1614578617 + seconds) }));
    }

    [Theory]
    [InlineData("aud=https://hooks.example.com/webhooks/pubsub", "email")]
    [InlineData("email=a@example.com", "aud")]
    [InlineData("https://hooks.example.com/webhooks/pubsub", "claims")]
    [InlineData(null, "Identity is not set")]
    public void An_identity_names_what_the_scheme_needs(string? identity, string named)
    {
        SourceParser.Read(
            Settings(("Webhooks:Sources:source:Scheme", "pubsub"), ("Webhooks:Sources:source:Identity:0", identity)),
            isDevelopment: false, out var errors);

        Assert.Contains(named, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unsigned_token_is_refused()
    {
        static string Encoded(string text) =>
            Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var vector = ProviderVectors.All.Single(vector => vector.Scheme == "pubsub");
        var claims = vector.Headers[0].Value.Split('.')[1];
        foreach (var header in (string[])["""{"alg":"none"}""", """{"alg":"HS256","kid":"key-1"}""", """{"alg":"RS256","kid":"x"}"""])
        {
            Assert.Equal(
                VerificationResult.WrongSignature,
                Verify(vector with { Headers = [("Authorization", $"Bearer {Encoded(header)}.{claims}.")] }));
        }
    }

    private static string Written(SignedContent content, System.Text.Json.JsonElement json)
    {
        var values = new SignedValues { Json = json };
        var output = new byte[content.MaxLength(values)];
        return Encoding.UTF8.GetString(output.AsSpan(0, content.Write(output, values)));
    }

    private static string Changed(string text, int at) => $"{text[..at]}{(char)(text[at] ^ 1)}{text[(at + 1)..]}";

    private static VerificationResult Verify(ProviderVector vector, string? secret = null) => SignatureVerifier.Verify(
        vector.Rules,
        vector.Rules.Keys is null
            ? [SampleRequest.Key(secret ?? vector.Secret, vector.Rules)]
            : [SigningKey.Identity(secret ?? vector.Secret), .. PublicKeyParser.Parse(vector.Keys!)],
        new(HeadersOf(vector), Encoding.UTF8.GetBytes(vector.Body), vector.Url),
        vector.At).Result;

    private static Admission Decide(ProviderVector vector)
    {
        var sources = SourceParser.Read(
            Settings(
                ("Webhooks:Sources:source:Scheme", vector.Scheme),
                vector.Rules.Keys is null
                    ? ("WEBHOOK_SECRET_SOURCE", vector.Secret)
                    : ("Webhooks:Sources:source:Identity:0", vector.Secret)),
            isDevelopment: false, out var errors);
        Assert.Empty(errors);
        return Admission.Of(
            sources["source"],
            new(
                HeadersOf(vector), Encoding.UTF8.GetBytes(vector.Body), vector.Url, vector.At,
                vector.Keys is null ? null : PublicKeyParser.Parse(vector.Keys)));
    }

    private static HeaderDictionary HeadersOf(ProviderVector vector)
    {
        var headers = new HeaderDictionary { ["Content-Type"] = "application/json" };
        foreach (var (name, value) in vector.Headers)
        {
            headers[name] = value;
        }

        return headers;
    }

    private static IConfiguration Settings(params (string Key, string? Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => setting.Value, StringComparer.Ordinal))
        .Build();
}
