using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>A header that always carries a credential loses all of its value, whatever the scheme is.</summary>
public sealed class RedactedHeaderTests
{
    private const string Value = "Xk7Qm2Lp9Rt4Vz8nB3wY";

    private static readonly Redactor Redactor = new([]);

    public static TheoryData<string> Headers =>
    [
        "Authorization", "authorization", "Proxy-Authorization", "X-Forwarded-Authorization", "Cookie", "Set-Cookie", "X-Api-Key",
        "Api-Key", "X-Auth-Token", "Private-Token", "X-Amz-Security-Token", "Ocp-Apim-Subscription-Key",
    ];

    private static readonly string[] Schemes =
    [
        "§", "Bearer §", "Basic §", "Token §", "SSWS §", "GenieKey §", "Splunk §", "ApiKey §", "Api-Token §", "Key §",
        "Hawk id=\"1\", mac=\"§\"", "MAC §", "NTLM §", "Negotiate §", "DPoP §", "GoogleLogin auth=§",
        "OAuth oauth_token=\"§\", oauth_nonce=\"1\"", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=§",
        "SharedKey account:§", "SharedAccessSignature sr=a&sig=§&se=1",
        "Digest username=\"bob\", realm=\"a b\", response=\"§\", qop=auth", "Token token=\"§\", email=\"a\"",
        "Signature keyId=\"a\",signature=\"§\"", "Custom a § b", "Bearer x1 § b", "sid=1; token=§; theme=dark",
        "sid=§; Path=/; HttpOnly", "scheme1 scheme2 §",
    ];

    [Theory]
    [MemberData(nameof(Headers))]
    public void All_of_its_line_goes(string header)
    {
        foreach (
            var scheme in Schemes.Where(
                scheme => !header.Contains("ookie", StringComparison.Ordinal) || scheme.Contains('=') || scheme.Length < 3))
        {
            var value = scheme.Replace("§", Value, StringComparison.Ordinal);
            foreach (
                var (before, after) in (ReadOnlySpan<(string, string)>)[
                    ("GET / HTTP/1.1\r\n", "\r\nAccept: */*\r\n"), ("> ", "\n> Accept: */*\n"), ("", "")])
            {
                var redacted = Redactor.Redact($"{before}{header}: {value}{after}");

                Assert.DoesNotContain(Value, redacted, StringComparison.Ordinal);
                Assert.StartsWith($"{before}{header}: ***redacted***", redacted, StringComparison.Ordinal);
                Assert.EndsWith($"***{after}", redacted, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public void It_ends_where_its_quotation_ends(string header)
    {
        foreach (
            var scheme in Schemes.Where(
                scheme =>
                    !scheme.Contains('"')
                        && (!header.Contains("ookie", StringComparison.Ordinal) || scheme.Contains('=') || scheme.Length < 3)))
        {
            var value = scheme.Replace("§", Value, StringComparison.Ordinal);
            foreach (var quote in (string[])["'", "\"", "\\\""])
            {
                Assert.Equal(
                    $"curl -sS -H {quote}{header}: ***redacted***{quote} https://example.com/ -o {quote}a b{quote}",
                    Redactor.Redact($"curl -sS -H {quote}{header}: {value}{quote} https://example.com/ -o {quote}a b{quote}"));
            }

            Assert.Equal(
                $$"""{"{{header}}":"***redacted***","accept":"*/*"}""", Redactor.Redact($$"""{"{{header}}":"{{value}}","accept":"*/*"}"""));
            Assert.Equal(
                $"{{'{header}': '***redacted***', 'accept': '*/*'}}",
                Redactor.Redact($"{{'{header}': '{value}', 'accept': '*/*'}}"));
        }
    }

    [Theory]
    [InlineData("Authorization: Bearer")]
    [InlineData("Authorization: Bearer <your token>")]
    [InlineData("Authorization: Bearer $TOKEN")]
    [InlineData("Authorization: Token **********")]
    [InlineData("curl -H \"Authorization: Bearer ${API_TOKEN}\" https://example.com/")]
    [InlineData("The header Authorization: see the section on tokens.")]
    [InlineData("bearer authentication is required, basic arithmetic understanding helps")]
    public void What_only_shows_a_header_stays(string text) => Assert.Same(text, Redactor.Redact(text));
}
