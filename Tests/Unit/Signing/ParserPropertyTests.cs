using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Unit.Signing;

/// <summary>What reads text: any input is either understood or refused in the one way that callers handle.</summary>
public sealed class ParserPropertyTests
{
    private static readonly string[] Documents =
    [
        """{"id":"1","a/b":{"m~n":[1,{"x":true}]},"":{"":"e"},"\ud800":1,"t":"\udc00"}""",
        """[[["deep"]],{"id":null},1.50]""",
        "\"text\"",
        "{}",
    ];

    [Theory]
    [InlineData(KeyEncoding.Base64, "base64")]
    [InlineData(KeyEncoding.Hex, "hex")]
    [InlineData(KeyEncoding.StandardWebhooks, "base64")]
    [InlineData(KeyEncoding.Ed25519, "hex")]
    public void A_secret_is_a_key_or_refused(KeyEncoding encoding, string text) => Fuzz.Try(random =>
    {
        var bytes = new byte[random.Next(1, 40)];
        random.NextBytes(bytes);
        var right = text == "hex" ? Convert.ToHexString(bytes) : Convert.ToBase64String(bytes);
        var secret = random.Next(4) switch
        {
            0 => right,
            1 => Fuzz.Text(random, 50, "whsec_", "whpk_", "AAAA", "ff"),
            _ => Fuzz.Changed(random, right),
        };
        try
        {
            Assert.NotNull(SigningKey.Parse(new Secret(secret), encoding));
        }
        catch (FormatException refusal)
        {
            Assert.True(secret != right || encoding == KeyEncoding.Ed25519, "A right secret is refused.");
            Assert.True(
                secret.Length < 20 || !refusal.Message.Contains(secret, StringComparison.Ordinal), "The secret is quoted.");
        }
    });

    [Fact]
    public void A_locator_is_understood_or_refused_and_finds_text_or_nothing()
    {
        var documents = Documents.Select(document => JsonElement.Parse(document)).ToArray();
        var headers = new HeaderDictionary { ["X-Id"] = "h", ["X-Two"] = new[] { "1", "2" }, ["X-Null"] = default };
        string[] pieces = [
            "header:", "X-Id", "X-Two", "X-Null", "body:", "/", "id", "a~1b", "m~0n", "~", "0", "1", "00", " | ", "value:",
            "digest", "\ud800"];

        Fuzz.Try(random =>
        {
            var text = random.Next(3) == 0
                ? Fuzz.Changed(random, "header:X-Id | body:/a~1b/m~0n/1/x | digest")
                : Fuzz.Text(random, 10, pieces);
            FieldLocator locator;
            try
            {
                locator = FieldLocator.Parse(text);
            }
            catch (FormatException)
            {
                return;
            }

            Assert.Equal(text, locator.ToString());
            Assert.False(locator.Find(headers, documents[random.Next(documents.Length)], () => "d") is "");
            Assert.False(locator.Find(headers, null) is "");
        });
    }

    [Fact]
    public void A_pointer_is_understood_or_refused_and_comes_back_as_text()
    {
        var documents = Documents.Select(document => JsonElement.Parse(document)).ToArray();

        Fuzz.Try(random =>
        {
            var text = Fuzz.Text(random, 12, "/", "/id", "/a~1b", "/m~0n", "~", "~01", "/-", "/0", "/99999999999");
            JsonPointer pointer;
            try
            {
                pointer = JsonPointer.Parse(text);
            }
            catch (FormatException)
            {
                Assert.True(!text.StartsWith('/') || text.Any(char.IsSurrogate));
                return;
            }

            _ = pointer.Find(documents[random.Next(documents.Length)]);
            Assert.Equal(pointer.ToString(), JsonPointer.Parse(pointer.ToString()).ToString());
        });
    }

    [Fact]
    public void A_template_is_refused_or_protects_the_body()
    {
        string[] pieces = ["{id}", "{timestamp}", "{url}", "{form}", "{body}", "{", "}", "{bod", ".", ":", "v0"];
        var key = SigningKey.Parse(new Secret("a-secret"), KeyEncoding.Utf8);

        Fuzz.Try(random =>
        {
            var text = random.Next(3) == 0 ? Fuzz.Changed(random, "v0:{timestamp}:{id}:{body}") : Fuzz.Text(random, 8, pieces);
            SignedContent content;
            try
            {
                content = SignedContent.Parse(text);
            }
            catch (FormatException)
            {
                return;
            }

            var scheme = SignatureSchemes.GitHub with { Content = content, IdHeader = "id", TimestampHeader = "time" };
            var body = Encoding.UTF8.GetBytes(Fuzz.Text(random, 10, "{}", "a"));
            var url = MessageSigner.UrlFor(scheme, "https://example.com/", "application/json", body);
            var headers = new HeaderDictionary { ["Content-Type"] = "application/json" };
            foreach (
                var (name, value) in MessageSigner.Sign(scheme, [key], "msg", SampleRequest.Now, body, url, "application/json"))
            {
                headers[name] = value;
            }

            Assert.Equal(
                VerificationResult.Valid,
                SignatureVerifier.Verify(scheme, [key], new(headers, body, url), SampleRequest.Now).Result);
            Assert.Equal(
                VerificationResult.WrongSignature,
                SignatureVerifier.Verify(scheme, [key], new(headers, [.. body, (byte)'x'], url), SampleRequest.Now).Result);
        });
    }
}
