using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Tests.Unit.Signing;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

/// <summary>Schemes and secrets as configuration: what is right is applied, what is not is an error that names its key.</summary>
public sealed class SchemeSettingsTests
{
    private const string Scheme = "Webhooks:Schemes:mine";
    private const string Source = "Webhooks:Sources:partner";

    [Fact]
    public void A_scheme_of_one_s_own_is_applied()
    {
        var (sources, errors) = Read(
            ($"{Scheme}:SignatureHeader", "X-Partner-Signature"),
            ($"{Scheme}:Separator", ","),
            ($"{Scheme}:Prefix", "s="),
            ($"{Scheme}:Algorithm", "HmacSha512"),
            ($"{Scheme}:Encoding", "Base64"),
            ($"{Scheme}:TimestampPrefix", "at="),
            ($"{Scheme}:IdHeader", "X-Partner-Id"),
            ($"{Scheme}:Content", "{id}|{timestamp}|{body}"),
            ($"{Scheme}:Tolerance", "00:01:00"),
            ($"{Scheme}:KeyEncoding", "Hex"),
            ($"{Scheme}:EventType", "body:/kind"),
            ($"{Scheme}:BodyFormats", "Json, Form"),
            ("WEBHOOK_SECRET_PARTNER", "0123456789abcdef"));

        Assert.Empty(errors);
        var scheme = sources["partner"].Scheme;
        var sample = SampleRequest.Of(scheme, "{}", "application/json", "0123456789abcdef");
        Assert.StartsWith("at=1795348800,s=", sample.Headers["X-Partner-Signature"].ToString(), StringComparison.Ordinal);
        Assert.Equal("msg_1", sample.Headers["X-Partner-Id"]);
        Assert.Equal(VerificationResult.Valid, sample.Verify("0123456789abcdef"));
        Assert.Equal(VerificationResult.StaleTimestamp, sample.Verify(SampleRequest.Now.AddSeconds(61), "0123456789abcdef"));
        Assert.Equal(("header:X-Partner-Id", "body:/kind"), (scheme.DeliveryId.ToString(), scheme.EventType.ToString()));
        Assert.True(scheme.BodyFormats.HasFlag(BodyFormats.Json) && scheme.BodyFormats.HasFlag(BodyFormats.Form));
    }

    [Fact]
    public void A_scheme_of_one_s_own_needs_no_more_than_a_header()
    {
        var (sources, errors) = Read(($"{Scheme}:SignatureHeader", "X-Partner-Signature"), ("WEBHOOK_SECRET_PARTNER", "secret"));

        Assert.Empty(errors);
        var scheme = sources["partner"].Scheme;
        Assert.Equal(VerificationResult.Valid, SampleRequest.Of(scheme, "{}", "application/json", "secret").Verify("secret"));
        Assert.Equal(("digest", BodyFormats.Json), (scheme.DeliveryId.ToString(), scheme.BodyFormats));
    }

    [Theory]
    [InlineData("SignatureHeader", null, "SignatureHeader")]
    [InlineData("SignatureHeader", "", "SignatureHeader")]
    [InlineData("SignatureHeader", "X Signature", "SignatureHeader")]
    [InlineData("TimestampHeader", "X:Time", "TimestampHeader")]
    [InlineData("IdHeader", "", "IdHeader")]
    [InlineData("IdHeader", "X-Id\n", "IdHeader")]
    [InlineData("Separator", "", "Separator")]
    [InlineData("Separator", "; ", "Separator")]
    [InlineData("Separator", "=", "Separator")]
    [InlineData("Separator", "a", "Separator")]
    [InlineData("TimestampPrefix", "t=", "TimestampPrefix")]
    [InlineData("TimestampHeader", "X-Time", "Content")]
    [InlineData("Content", "{timestamp}.{body}", "Content")]
    [InlineData("Content", "{id}.{body}", "Content")]
    [InlineData("Content", "", "Content")]
    [InlineData("Content", "{url}", "Content")]
    [InlineData("Content", "{form}", "Content")]
    [InlineData("Content", "{body", "Content")]
    [InlineData("Content", "{payload}", "Content")]
    [InlineData("Algorithm", "Md5", "Algorithm")]
    [InlineData("Algorithm", "17", "Algorithm")]
    [InlineData("Algorithm", "Ed25519", "KeyEncoding")]
    [InlineData("KeyEncoding", "Ed25519", "KeyEncoding")]
    [InlineData("KeyEncoding", "Base32", "KeyEncoding")]
    [InlineData("Encoding", "Base58", "Encoding")]
    [InlineData("Encoding", "-1", "Encoding")]
    [InlineData("BodyFormats", "None", "BodyFormats")]
    [InlineData("BodyFormats", "Xml", "BodyFormats")]
    [InlineData("BodyFormats", "64", "BodyFormats")]
    [InlineData("Tolerance", "00:00:00", "Tolerance")]
    [InlineData("Tolerance", "-00:05:00", "Tolerance")]
    [InlineData("Tolerance", "02:00:00", "Tolerance")]
    [InlineData("Tolerance", "soon", "Tolerance")]
    [InlineData("DeliveryId", "cookie:id", "DeliveryId")]
    [InlineData("EventType", "", "EventType")]
    [InlineData("SignatureHaeder", "X", "SignatureHaeder")]
    [InlineData("SignatureAt", "cookie:x", "SignatureAt")]
    [InlineData("TimestampAt", "time", "TimestampAt")]
    [InlineData("TimestampFormat", "Rfc822", "TimestampFormat")]
    [InlineData("Algorithm", "Token", "CoversBody")]
    [InlineData("Algorithm", "Jwt", "KeyEncoding")]
    [InlineData("Algorithm", "EcdsaP256", "KeyEncoding")]
    [InlineData("KeyEncoding", "PublicKey", "KeyEncoding")]
    [InlineData("KeyUrl", "keys.example.com", "KeyUrl")]
    [InlineData("KeyUrl", "https://keys.example.com/jwks", "Algorithm")]
    [InlineData("KeyUrlAt", "header:X-Cert-Url", "KeyHosts")]
    [InlineData("KeyHosts:0", "keys.example.com", "KeyUrl")]
    [InlineData("Handshakes:0:Method", "PUT", "Handshakes:0:Method")]
    [InlineData("Handshakes:0:Method", "GET", "Handshakes:0:IsSigned")]
    [InlineData("Handshakes:0:When:0", "type=ping", "Handshakes:0:When")]
    [InlineData("Handshakes:0:Body", "{challenge}", "Handshakes:0:Challenge")]
    [InlineData("Handshakes:0:Body", "pong", "Handshakes:0")]
    [InlineData("Handshakes:0:Headers:0", "no header", "Handshakes:0:Headers")]
    [InlineData("Handshakes:0:Status", "302", "Handshakes:0:Status")]
    public void A_setting_that_makes_no_scheme_is_an_error_under_its_key(string key, string? value, string named)
    {
        var (_, errors) = Read(
            ($"{Scheme}:SignatureHeader", "X-Partner-Signature"), ("WEBHOOK_SECRET_PARTNER", "secret"),
            ($"{Scheme}:Prefix", "v1="), ($"{Scheme}:{key}", value));

        Assert.Contains(
            errors, error =>
                error.StartsWith(Scheme, StringComparison.Ordinal) && error.Contains(named, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("*.example.com")]
    [InlineData("*")]
    [InlineData("*.com")]
    [InlineData("example.*")]
    [InlineData("https://example.com")]
    [InlineData("example.com:443")]
    public void A_host_of_keys_is_a_name_whose_domain_is_fixed(string host)
    {
        var (_, errors) = Read(
            ($"{Scheme}:SignatureHeader", "X-Signature"), ($"{Scheme}:Algorithm", "RsaSha256"),
            ($"{Scheme}:Content", "{identity}{body}"), ($"{Scheme}:KeyUrlAt", "header:X-Cert-Url"),
            ($"{Scheme}:KeyHosts:0", host), ($"{Source}:Identity:0", "me"));

        Assert.Equal(host is not "*.example.com", errors.Count > 0);
    }

    [Fact]
    public void A_scheme_with_public_keys_needs_an_identity_in_what_is_verified()
    {
        (string, string?)[] settings =
        [
            ($"{Scheme}:SignatureHeader", "X-Signature"), ($"{Scheme}:Algorithm", "RsaSha256"),
            ($"{Scheme}:KeyUrl", "https://keys.example.com/key.pem"), ($"{Source}:Identity:0", "me"),
        ];

        Assert.Contains(Read(settings).Errors, error => error.Contains("{identity}", StringComparison.Ordinal));
        Assert.Empty(Read([.. settings, ($"{Scheme}:IdentityAt", "body:/account")]).Errors);
        Assert.Empty(Read([.. settings, ($"{Scheme}:Content", "{identity}.{body}")]).Errors);
    }

    [Fact]
    public void A_token_is_a_scheme_that_says_that_it_does_not_cover_the_body()
    {
        var (sources, errors) = Read(
            ($"{Scheme}:SignatureHeader", "Authorization"), ($"{Scheme}:Prefix", "Bearer "), ($"{Scheme}:Algorithm", "Token"),
            ($"{Scheme}:CoversBody", "false"), ("WEBHOOK_SECRET_PARTNER", "secret"));

        Assert.Empty(errors);
        var scheme = sources["partner"].Scheme;
        var sample = SampleRequest.Of(scheme, "{}", "application/json", "secret");
        Assert.Equal("Bearer secret", sample.Headers["Authorization"]);
        Assert.Equal(VerificationResult.Valid, sample.Verify("secret"));
        Assert.Equal(VerificationResult.WrongSignature, sample.Verify("Secret"));
        Assert.Equal(VerificationResult.WrongSignature, sample.Verify("secret2"));
    }

    [Theory]
    [InlineData("v1=", VerificationResult.Valid)]
    [InlineData("v2=", VerificationResult.Valid)]
    [InlineData("v3=", VerificationResult.WrongSignature)]
    public void A_scheme_has_several_versions(string prefix, VerificationResult expected)
    {
        var (sources, errors) = Read(
            ($"{Scheme}:SignatureHeader", "X-Signature"), ($"{Scheme}:Versions:0:Prefix", "v1="),
            ($"{Scheme}:Versions:1:Prefix", "v2="), ($"{Scheme}:Versions:1:Algorithm", "HmacSha512"),
            ($"{Scheme}:Versions:1:Encoding", "Base64"), ("WEBHOOK_SECRET_PARTNER", "secret"));

        Assert.Empty(errors);
        var scheme = sources["partner"].Scheme;
        SignatureVersion version = scheme.Versions.SingleOrDefault(version => version.Prefix == prefix)
            ?? new(prefix, SignatureAlgorithm.HmacSha256, SignatureEncoding.Hex);
        var sample = SampleRequest.Of(scheme with { Versions = [version] }, "{}", "application/json", "secret");
        Assert.Equal(expected, (sample with { Scheme = scheme }).Verify("secret"));
    }

    [Theory]
    [InlineData("UnixMilliseconds", "1795348800000", VerificationResult.Valid)]
    [InlineData("UnixMilliseconds", "1795348500000", VerificationResult.Valid)]
    [InlineData("UnixMilliseconds", "1795348499999", VerificationResult.StaleTimestamp)]
    [InlineData("UnixMilliseconds", "1795348800", VerificationResult.StaleTimestamp)]
    [InlineData("UnixMilliseconds", "1795348800000.5", VerificationResult.InvalidTimestamp)]
    [InlineData("Iso8601", "2026-11-22T12:00:00Z", VerificationResult.Valid)]
    [InlineData("Iso8601", "2026-11-22T14:04:59.999999999+02:00", VerificationResult.Valid)]
    [InlineData("Iso8601", "2026-11-22T11:54:59.9Z", VerificationResult.StaleTimestamp)]
    [InlineData("Iso8601", "2026-11-22T12:00:00", VerificationResult.InvalidTimestamp)]
    [InlineData("Iso8601", "2026-11-22 12:00:00Z", VerificationResult.InvalidTimestamp)]
    [InlineData("Iso8601", "2026-13-22T12:00:00Z", VerificationResult.InvalidTimestamp)]
    [InlineData("Iso8601", "22 Nov 2026 12:00:00 GMT", VerificationResult.InvalidTimestamp)]
    [InlineData("Iso8601", "1795348800", VerificationResult.InvalidTimestamp)]
    [InlineData("UnixSeconds", "1795348800", VerificationResult.Valid)]
    public void A_time_has_the_form_of_the_scheme(string format, string time, VerificationResult expected)
    {
        var (sources, errors) = Read(
            ($"{Scheme}:SignatureHeader", "X-Signature"), ($"{Scheme}:TimestampHeader", "X-Time"),
            ($"{Scheme}:TimestampFormat", format), ($"{Scheme}:Content", "{method} {timestamp}.{body}"),
            ("WEBHOOK_SECRET_PARTNER", "secret"));

        Assert.Empty(errors);
        var signature = Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData(
            "secret"u8, System.Text.Encoding.UTF8.GetBytes($"POST {time}.{{}}")));
        var headers = new Microsoft.AspNetCore.Http.HeaderDictionary { ["X-Signature"] = signature, ["X-Time"] = time };
        Assert.Equal(
            expected,
            SignatureVerifier.Verify(
                sources["partner"].Scheme, sources["partner"].Keys, new(headers, "{}"u8, ""), SampleRequest.Now).Result);
    }

    [Theory]
    [InlineData("github")]
    [InlineData("GitHub")]
    [InlineData("none")]
    [InlineData("NONE")]
    [InlineData("Mine")]
    [InlineData("my scheme")]
    public void A_name_that_is_taken_or_is_none_is_an_error(string name)
    {
        var (_, errors) = Read(
            ($"Webhooks:Schemes:{name}:SignatureHeader", "X"), ($"{Source}:Scheme", "github"),
            ("WEBHOOK_SECRET_PARTNER", "secret"));

        Assert.StartsWith($"Webhooks:Schemes:{name}", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_come_at_once()
    {
        var (_, errors) = Read(
            ($"{Scheme}:Separator", "=="),
            ($"{Scheme}:Content", "{url}"),
            ("Webhooks:Schemes:other:Algorithm", "Md5"),
            ("Webhooks:Sources:shop:Scheme", "github"));

        Assert.All(
            [$"{Scheme}:SignatureHeader", $"{Scheme}:Separator", $"{Scheme}:Content", "Webhooks:Schemes:other",
                "WEBHOOK_SECRET_SHOP"],
            part => Assert.Contains(errors, error => error.Contains(part, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Secrets:0:ExpiresAt", "soon", $"{Source}:Secrets:0:ExpiresAt")]
    [InlineData("Secrets:0:ExpiresAt", "", $"{Source}:Secrets:0:ExpiresAt")]
    [InlineData("Secrets:0:ExpiresAt", "12:00", $"{Source}:Secrets:0:ExpiresAt")]
    [InlineData("Secrets:0:ExpiresAt", "01/02/2027", $"{Source}:Secrets:0:ExpiresAt")]
    [InlineData("Shceme", "github", $"{Source}: there is no setting 'Shceme'")]
    [InlineData("Secrets:1:ExpiresAt", "2026-12-31T00:00:00Z", $"{Source}:Secrets:1:Key")]
    [InlineData("Secrets:0:Key", "NOT_SET", "NOT_SET")]
    [InlineData("Secrets:0:Value", "the-secret-itself", "Value")]
    [InlineData("SecretKeys:0", "SECRET_ONE", "SecretKeys")]
    [InlineData("Url", "hooks.example.com/w", $"{Source}:Url")]
    [InlineData("Url", "ftp://hooks.example.com/w", $"{Source}:Url")]
    [InlineData("Url", "https://hooks.example.com/w#top", $"{Source}:Url")]
    [InlineData("Url", "", $"{Source}:Url")]
    public void A_setting_of_a_source_that_makes_no_sense_is_an_error(string key, string value, string named)
    {
        var (_, errors) = Read(
            ($"{Source}:Scheme", "square"), ($"{Source}:Secrets:0:Key", "SECRET_ONE"), ("SECRET_ONE", "one"),
            ($"{Source}:{key}", value));

        Assert.Contains(named, Assert.Single(errors), StringComparison.Ordinal);
        Assert.DoesNotContain("the-secret-itself", errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_in_the_place_of_its_key_is_an_error_that_does_not_quote_it()
    {
        var (_, errors) = Read(
            ($"{Source}:Scheme", "github"), ($"{Source}:Secrets:0", "the-secret-itself"), ("WEBHOOK_SECRET_PARTNER", "secret"));

        Assert.Contains($"{Source}:Secrets:0", Assert.Single(errors), StringComparison.Ordinal);
        Assert.DoesNotContain("the-secret-itself", errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_without_a_secret_is_an_error_that_names_the_key()
    {
        Assert.Contains(
            "WEBHOOK_SECRET_PARTNER", Assert.Single(Read(($"{Source}:Scheme", "github")).Errors), StringComparison.Ordinal);
        Assert.Contains(
            "WEBHOOK_SECRET_PARTNER", Assert.Single(Read(($"{Source}:Scheme", "github"), ("WEBHOOK_SECRET_PARTNER", "")).Errors),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData("the-secret\n")]
    [InlineData("\tthe-secret")]
    [InlineData("the-secret\u00a0")]
    public void A_secret_with_white_space_around_it_is_an_error_that_does_not_quote_it(string secret)
    {
        var error = Assert.Single(Read(($"{Source}:Scheme", "github"), ("WEBHOOK_SECRET_PARTNER", secret)).Errors);

        Assert.Contains("WEBHOOK_SECRET_PARTNER", error, StringComparison.Ordinal);
        Assert.Contains("white space", error, StringComparison.Ordinal);
        Assert.DoesNotContain("the-secret", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("standard", "whsec_not~base64~at~all")]
    [InlineData("discord", "not-a-key-in-hex")]
    [InlineData("discord", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    public void A_secret_that_the_scheme_cannot_use_is_an_error_that_does_not_quote_it(string scheme, string secret)
    {
        var error = Assert.Single(Read(($"{Source}:Scheme", scheme), ("WEBHOOK_SECRET_PARTNER", secret)).Errors);

        Assert.Contains("WEBHOOK_SECRET_PARTNER", error, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-12-31T00:00:00Z", "2026-12-31T00:00:00+00:00")]
    [InlineData("2026-12-31T00:00:00", "2026-12-31T00:00:00+00:00")]
    [InlineData("2026-12-31T02:00:00+02:00", "2026-12-31T00:00:00+00:00")]
    [InlineData("2026-12-31", "2026-12-31T00:00:00+00:00")]
    public void A_secret_expires_at_a_time_that_is_UTC_unless_it_says_otherwise(string text, string expected)
    {
        var (sources, errors) = Read(
            ($"{Source}:Scheme", "github"), ($"{Source}:Secrets:0:Key", "SECRET_ONE"), ($"{Source}:Secrets:0:ExpiresAt", text),
            ("SECRET_ONE", "one"));

        Assert.Empty(errors);
        Assert.Equal(DateTimeOffset.Parse(expected), Assert.Single(sources["partner"].Keys).ExpiresAt);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    public void No_signature_is_for_Development_only_and_needs_no_secret(string name)
    {
        var configuration = Configuration(($"{Source}:Scheme", name));

        var development = SourceParser.Read(configuration, isDevelopment: true, out var none);
        _ = SourceParser.Read(configuration, isDevelopment: false, out var errors);

        Assert.Empty(none);
        Assert.True(development["partner"].Scheme.IsUnsigned);
        Assert.Contains($"{Source}:Scheme is 'none'", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" none")]
    [InlineData("null")]
    public void Nothing_but_its_name_means_no_signature(string? name)
    {
        var sources = SourceParser.Read(
            Configuration(($"{Source}:Scheme", name), ($"{Source}:MaxBodyBytes", "10")), isDevelopment: true, out var errors);

        Assert.Empty(sources);
        Assert.Contains($"{Source}:Scheme", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_settings_make_a_scheme_that_needs_a_signature_or_errors_under_their_keys()
    {
        string[] keys =
        [
            "SignatureHeader", "Separator", "Prefix", "Algorithm", "Encoding", "TimestampHeader", "TimestampPrefix", "IdHeader",
            "Content", "Tolerance", "KeyEncoding", "DeliveryId", "EventType", "BodyFormats",
        ];
        string[] pieces =
        [
            "X-Id", "X-Time", "v1=", "t=", ",", ";", "HmacSha1", "HmacSha512", "Ed25519", "Base64", "Hex", "Utf8",
            "StandardWebhooks", "{body}", "{timestamp}", "{id}", "{url}", "{form}", "00:01:00", "header:", "body:/", "digest",
            "Json", "Form", "1",
        ];

        Fuzz.Try(
            random =>
            {
                var settings = Enumerable.Range(0, random.Next(1, 6))
                    .Select(_ => (
                        Key: $"{Scheme}:{keys[random.Next(keys.Length)]}", Value: (string?)Fuzz.Text(random, 3, pieces)))
                    .DistinctBy(setting => setting.Key, StringComparer.Ordinal)
                    .Append(("WEBHOOK_SECRET_PARTNER", "0123456789abcdef"))
                    .Prepend(($"{Scheme}:SignatureHeader", "X-Signature"));
                var (sources, errors) = Read([.. settings]);

                Assert.All(errors, error => Assert.True(
                    error.StartsWith("Webhooks:", StringComparison.Ordinal)
                        || error.StartsWith("WEBHOOK_SECRET_PARTNER", StringComparison.Ordinal), error));
                Assert.Equal(errors.Count == 0, sources.ContainsKey("partner"));
                if (sources.GetValueOrDefault("partner") is { } source)
                {
                    var unsigned = new Microsoft.AspNetCore.Http.HeaderDictionary { [source.Scheme.SignatureHeader] = "AAAA" };
                    Assert.NotEqual(
                        VerificationResult.Valid,
                        SignatureVerifier.Verify(
                            source.Scheme, source.Keys, new(unsigned, "{}"u8, "https://example.com/"), SampleRequest.Now).Result);
                }
            },
            Fuzz.Rounds / 10);
    }

    private static (IReadOnlyDictionary<string, Source> Sources, IReadOnlyList<string> Errors) Read(
        params (string Key, string? Value)[] settings)
    {
        var sources = SourceParser.Read(
            Configuration([($"{Source}:Scheme", "mine"), .. settings]), isDevelopment: false, out var errors);
        return (sources, errors);
    }

    private static IConfiguration Configuration(params (string Key, string? Value)[] settings)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in settings)
        {
            values[key] = value;
        }

        return new ConfigurationBuilder().AddInMemoryCollection(values).Build();
    }
}
