using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Tests.Unit.Signing;

public sealed class SignatureVerifierTests
{
    public static TheoryData<string> Schemes => SampleRequest.Schemes;

    [Theory]
    [MemberData(nameof(Schemes))]
    public void What_a_scheme_signs_it_verifies(string scheme) =>
        Assert.Equal(VerificationResult.Valid, SampleRequest.Of(scheme).Verify());

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Each_changed_bit_of_the_body_is_seen(string scheme)
    {
        var sample = SampleRequest.Of(scheme);
        for (var bit = 0; bit < sample.Body.Length * 8; bit++)
        {
            byte[] flipped = [.. sample.Body];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(VerificationResult.WrongSignature, (sample with { Body = flipped }).Verify());
        }
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_longer_or_shorter_body_is_seen(string scheme)
    {
        var sample = SampleRequest.Of(scheme);

        Assert.Equal(VerificationResult.WrongSignature, (sample with { Body = [.. sample.Body, (byte)' '] }).Verify());
        Assert.Equal(VerificationResult.WrongSignature, (sample with { Body = sample.Body[..^1] }).Verify());
        Assert.Equal(VerificationResult.WrongSignature, (sample with { Body = [] }).Verify());
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Another_secret_is_refused(string scheme) => Assert.Equal(
        VerificationResult.WrongSignature,
        SampleRequest.Of(scheme).Verify(SampleRequest.OtherSecretOf(SignatureSchemes.ByName[scheme])));

    [Theory]
    [MemberData(nameof(Schemes))]
    public void During_a_rotation_any_active_secret_verifies(string scheme)
    {
        var rules = SignatureSchemes.ByName[scheme];
        Assert.Equal(
            VerificationResult.Valid,
            SampleRequest.Of(scheme).Verify(SampleRequest.OtherSecretOf(rules), SampleRequest.SecretOf(rules)));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_secret_counts_until_it_expires(string scheme)
    {
        var sample = SampleRequest.Of(scheme);

        Assert.Equal(VerificationResult.Valid, VerifyUntil(SampleRequest.Now.AddTicks(1)));
        Assert.Equal(VerificationResult.WrongSignature, VerifyUntil(SampleRequest.Now));
        Assert.Equal(VerificationResult.WrongSignature, VerifyUntil(SampleRequest.Now.AddDays(-1)));

        VerificationResult VerifyUntil(DateTimeOffset end) => SignatureVerifier.Verify(
            sample.Scheme,
            [SampleRequest.Key(SampleRequest.SecretOf(sample.Scheme), sample.Scheme, end)],
            new(sample.Headers, sample.Body, sample.Url),
            SampleRequest.Now).Result;
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Without_a_key_nothing_verifies(string scheme)
    {
        var sample = SampleRequest.Of(scheme);
        Assert.Equal(
            VerificationResult.WrongSignature,
            SignatureVerifier.Verify(sample.Scheme, [], new(sample.Headers, sample.Body, sample.Url), SampleRequest.Now).Result);
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void No_scheme_that_ships_goes_without_a_signature(string scheme) =>
        Assert.False(SignatureSchemes.ByName[scheme].IsUnsigned);

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Each_header_of_the_scheme_is_required_once(string scheme)
    {
        var sample = SampleRequest.Of(scheme);
        foreach (var name in sample.Headers.Keys.Where(name => name != "Content-Type"))
        {
            var expected = name == sample.Scheme.TimestampHeader ? VerificationResult.MissingTimestamp
                : name == sample.Scheme.IdHeader && !sample.Scheme.Content.Has(SignedField.Id) ? VerificationResult.MissingId
                : VerificationResult.MissingHeader;

            Assert.Equal(expected, sample.With(headers => headers.Remove(name)).Verify());
            Assert.Equal(expected, sample.With(headers => headers[name] = "").Verify());
            Assert.Equal(expected, sample.With(headers => headers[name] = new[] { headers[name].ToString(), "x" }).Verify());
        }
    }

    public static TheoryData<string, int> Windows => new()
    {
        { "stripe", 300 }, { "slack", 300 }, { "standard", 300 }, { "discord", 300 }, { "paddle", 5 }, { "provider", 300 },
        { "agent", 300 },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public void The_timestamp_may_be_off_both_ways_as_far_as_the_scheme_says(string scheme, int seconds)
    {
        var sample = SampleRequest.Of(scheme);

        Assert.Equal(VerificationResult.Valid, sample.Verify(SampleRequest.Now.AddSeconds(seconds)));
        Assert.Equal(VerificationResult.Valid, sample.Verify(SampleRequest.Now.AddSeconds(-seconds)));
        Assert.Equal(VerificationResult.StaleTimestamp, sample.Verify(SampleRequest.Now.AddSeconds(seconds + 1)));
        Assert.Equal(VerificationResult.StaleTimestamp, sample.Verify(SampleRequest.Now.AddSeconds(-seconds - 1)));
        Assert.Equal(VerificationResult.StaleTimestamp, sample.Verify(DateTimeOffset.MaxValue));

        // Whole seconds are compared with whole seconds.
        Assert.Equal(
            sample.Scheme.TimestampFormat == TimestampFormat.UnixSeconds
                ? VerificationResult.Valid
                : VerificationResult.StaleTimestamp,
            sample.Verify(SampleRequest.Now.AddSeconds(seconds + 0.5)));
    }

    [Theory]
    [InlineData("github")]
    [InlineData("shopify")]
    [InlineData("twilio")]
    [InlineData("square")]
    [InlineData("meta")]
    [InlineData("messages")]
    [InlineData("generic")]
    public void A_scheme_without_a_timestamp_has_no_window(string scheme) =>
        Assert.Equal(VerificationResult.Valid, SampleRequest.Of(scheme).Verify(DateTimeOffset.MaxValue));

    [Fact]
    public void A_source_s_own_tolerance_wins()
    {
        var sample = SampleRequest.Of("paddle");
        Assert.Equal(VerificationResult.Valid, SignatureVerifier.Verify(
            sample.Scheme,
            [SampleRequest.Key(SampleRequest.HmacSecret, sample.Scheme)],
            new(sample.Headers, sample.Body, sample.Url),
            SampleRequest.Now.AddSeconds(60),
            TimeSpan.FromSeconds(60)).Result);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1.5")]
    [InlineData("1e9")]
    [InlineData("0x10")]
    [InlineData("+1795348800")]
    [InlineData("-1795348800")]
    [InlineData("1,795,348,800")]
    [InlineData("17953 48800")]
    [InlineData("١٧٩٥٣٤٨٨٠٠")]
    [InlineData("１７９５３４８８００")]
    [InlineData("9999999999999")]
    [InlineData("9223372036854775807")]
    [InlineData("99999999999999999999999")]
    public void A_timestamp_that_is_no_whole_number_is_told_apart(string timestamp)
    {
        foreach (var scheme in Windows.Select(row => row.Data.Item1))
        {
            var sample = SampleRequest.Of(scheme);
            Assert.Equal(VerificationResult.InvalidTimestamp, (sample.Scheme switch
            {
                { TimestampHeader: { } name } => sample.With(headers => headers[name] = timestamp),
                { SignatureHeader: var name, TimestampPrefix: var prefix, Separator: var separator } =>
                    sample.With(headers => headers[name] = $"{prefix}{timestamp.Replace(',', '_')}{separator}v1=00"),
            }).Verify());
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("999999999999")]
    public void A_timestamp_at_the_ends_of_time_is_stale(string timestamp) => Assert.Equal(
        VerificationResult.StaleTimestamp,
        SampleRequest.Of("standard").With(headers => headers["webhook-timestamp"] = timestamp).Verify());

    [Theory]
    [InlineData("{0}")]
    [InlineData("v1,!!! {0}")]
    [InlineData("{0} v1,")]
    [InlineData("v0,abc v1 v1, ,,, {0} garbage")]
    [InlineData("v1a,AAAA {0}")]
    [InlineData("  {0}  ")]
    [InlineData("v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= {0}")]
    public void A_malformed_entry_never_hides_a_good_one(string format) =>
        Assert.Equal(VerificationResult.Valid, SampleRequest.Of("standard").With(headers =>
            headers["webhook-signature"] = string.Format(format, headers["webhook-signature"].ToString())).Verify());

    [Fact]
    public void A_signature_counts_under_its_own_version_only()
    {
        // An HMAC presented as an Ed25519 signature, and the other way round.
        Assert.Equal(VerificationResult.WrongSignature, SampleRequest.Of("standard").With(headers =>
            headers["webhook-signature"] = headers["webhook-signature"].ToString()
                .Replace("v1,", "v1a,", StringComparison.Ordinal)).Verify());
        var body = """{"type":"a"}""";
        Assert.Equal(
            VerificationResult.WrongSignature,
            SampleRequest.Of(SignatureSchemes.Standard, body, "application/json", SampleRequest.PrivateKey)
                .With(headers => headers["webhook-signature"] = headers["webhook-signature"].ToString()
                    .Replace("v1a,", "v1,", StringComparison.Ordinal))
                .Verify(SampleRequest.PrivateKey, SampleRequest.HmacSecret));
    }

    [Fact]
    public void A_header_full_of_Ed25519_signatures_costs_no_more_than_four()
    {
        var wrong = $"v1a,{Convert.ToBase64String(new byte[64])} ";
        SampleRequest After(int count) =>
            SampleRequest.Of(SignatureSchemes.Standard, "{}", "application/json", SampleRequest.PrivateKey)
            .With(headers => headers[
                "webhook-signature"] =
                    $"v1,AAAA v1a,AAAA {string.Concat(Enumerable.Repeat(wrong, count))}{headers["webhook-signature"]}");

        Assert.Equal(VerificationResult.Valid, After(3).Verify(SampleRequest.PrivateKey));
        Assert.Equal(VerificationResult.WrongSignature, After(4).Verify(SampleRequest.PrivateKey));
    }

    [Fact]
    public void A_header_with_thousands_of_entries_costs_no_more_than_sixteen() =>
        Assert.Equal(VerificationResult.WrongSignature, SampleRequest.Of("standard").With(headers =>
            headers["webhook-signature"] = string.Concat(Enumerable.Repeat("v1,AAAA ", 16)) + headers["webhook-signature"])
                .Verify());

    [Theory]
    [InlineData("SHA256=")]
    [InlineData("sha1=")]
    [InlineData("")]
    public void GitHubs_prefix_is_exact(string prefix) =>
        Assert.Equal(VerificationResult.WrongSignature, SampleRequest.Of("github").With(headers =>
            headers["X-Hub-Signature-256"] = prefix + headers["X-Hub-Signature-256"].ToString()["sha256=".Length..]).Verify());

    [Fact]
    public void Base64_has_one_spelling()
    {
        // The bits behind the last byte and white space change nothing of the bytes.
        Assert.Equal(VerificationResult.WrongSignature, SampleRequest.Of("shopify").With(headers =>
        {
            var signature = headers["X-Shopify-Hmac-SHA256"].ToString();
            headers["X-Shopify-Hmac-SHA256"] = signature[..^2] + (char)(signature[^2] + 1) + "=";
        }).Verify());
        Assert.Equal(VerificationResult.WrongSignature, SampleRequest.Of("shopify").With(headers =>
            headers["X-Shopify-Hmac-SHA256"] = headers["X-Shopify-Hmac-SHA256"].ToString().Insert(7, " ")).Verify());
    }
}
