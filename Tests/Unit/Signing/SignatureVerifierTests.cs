using System.Text;
using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Unit.Signing;

public sealed class SignatureVerifierTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private const string Url = "https://hooks.example.com/webhooks/source";

    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Schemes => [.. SignatureSchemes.ByName.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Schemes))]
    public void What_a_scheme_signs_it_verifies(string scheme) => Assert.Equal(VerificationResult.Valid, Verify(scheme));

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Each_changed_bit_of_the_body_is_seen(string scheme)
    {
        for (var bit = 0; bit < Body(scheme).Length * 8; bit++)
        {
            var flipped = Body(scheme);
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(VerificationResult.WrongSignature, Verify(scheme, body: flipped));
        }
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_longer_or_shorter_body_is_seen(string scheme)
    {
        Assert.Equal(VerificationResult.WrongSignature, Verify(scheme, body: [.. Body(scheme), (byte)' ']));
        Assert.Equal(VerificationResult.WrongSignature, Verify(scheme, body: Body(scheme)[..^1]));
        Assert.Equal(VerificationResult.WrongSignature, Verify(scheme, body: []));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Another_secret_is_refused(string scheme) =>
        Assert.Equal(VerificationResult.WrongSignature, Verify(scheme, secrets: ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"]));

    [Theory]
    [MemberData(nameof(Schemes))]
    public void During_a_rotation_any_active_secret_verifies(string scheme) =>
        Assert.Equal(VerificationResult.Valid, Verify(scheme, secrets: ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", Secret]));

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Each_header_of_the_scheme_is_required_once(string scheme)
    {
        foreach (var name in Sign(scheme).Keys)
        {
            Assert.Equal(VerificationResult.MissingHeader, Verify(scheme, change: headers => headers.Remove(name)));
            Assert.Equal(VerificationResult.MissingHeader, Verify(scheme, change: headers => headers[name] = ""));
            Assert.Equal(VerificationResult.MissingHeader, Verify(scheme, change: headers => headers[name] = new[] { headers[name].ToString(), "x" }));
        }
    }

    [Theory]
    [InlineData(300, VerificationResult.Valid)]
    [InlineData(-300, VerificationResult.Valid)]
    [InlineData(301, VerificationResult.StaleTimestamp)]
    [InlineData(-301, VerificationResult.StaleTimestamp)]
    [InlineData(long.MaxValue / 10_000_000, VerificationResult.StaleTimestamp)]
    public void The_timestamp_may_be_five_minutes_off_both_ways(long offset, VerificationResult expected)
    {
        var headers = Sign("standard");
        var now = offset > 1_000_000 ? DateTimeOffset.MaxValue : Now.AddSeconds(offset);
        Assert.Equal(expected, SignatureVerifier.Verify(SignatureSchemes.Standard, Keys("standard", [Secret]), new(headers, Body("standard"), Url), now).Result);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1.5")]
    [InlineData("1e9")]
    [InlineData("0x10")]
    [InlineData("١٢٣")]
    [InlineData("99999999999999999999999")]
    public void A_timestamp_that_is_no_whole_number_is_told_apart(string timestamp)
    {
        Assert.Equal(VerificationResult.InvalidTimestamp, Verify("standard", change: headers => headers["webhook-timestamp"] = timestamp));
        Assert.Equal(VerificationResult.InvalidTimestamp, Verify("provider", change: headers => headers["X-Webhook-Timestamp"] = timestamp));
    }

    [Theory]
    [InlineData("-9223372036854775808")]
    [InlineData("9223372036854775807")]
    public void A_timestamp_at_the_ends_of_time_is_stale(string timestamp) =>
        Assert.Equal(VerificationResult.StaleTimestamp, Verify("standard", change: headers => headers["webhook-timestamp"] = timestamp));

    [Theory]
    [InlineData("{0}")]
    [InlineData("v1,!!! {0}")]
    [InlineData("{0} v1,")]
    [InlineData("v0,abc v1 v1, ,,, {0} garbage")]
    [InlineData("v1a,AAAA {0}")]
    [InlineData("  {0}  ")]
    [InlineData("v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= {0}")]
    public void A_malformed_entry_never_hides_a_good_one(string format) =>
        Assert.Equal(VerificationResult.Valid, Verify("standard", change: headers =>
            headers["webhook-signature"] = string.Format(format, headers["webhook-signature"].ToString())));

    [Fact]
    public void A_signature_counts_under_its_own_version_only()
    {
        // An HMAC presented as an Ed25519 signature, and the other way round.
        Assert.Equal(VerificationResult.WrongSignature, Verify("standard", change: headers =>
            headers["webhook-signature"] = headers["webhook-signature"].ToString().Replace("v1,", "v1a,", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_header_with_thousands_of_entries_costs_no_more_than_sixteen() =>
        Assert.Equal(VerificationResult.WrongSignature, Verify("standard", change: headers =>
            headers["webhook-signature"] = string.Concat(Enumerable.Repeat("v1,AAAA ", 16)) + headers["webhook-signature"]));

    [Theory]
    [InlineData("SHA256=")]
    [InlineData("sha1=")]
    [InlineData("")]
    public void GitHubs_prefix_is_exact(string prefix) =>
        Assert.Equal(VerificationResult.WrongSignature, Verify("github", change: headers =>
            headers["X-Hub-Signature-256"] = prefix + headers["X-Hub-Signature-256"].ToString()["sha256=".Length..]));

    [Fact]
    public void Random_headers_never_throw_and_never_verify()
    {
        var random = new Random(20261122);
        foreach (var scheme in SignatureSchemes.ByName.Keys)
        {
            for (var round = 0; round < 20_000; round++)
            {
                var headers = Sign(scheme);
                var name = SignatureSchemes.ByName[scheme].SignatureHeader;
                headers[name] = Mutated(headers[name].ToString(), random);
                Assert.NotEqual(VerificationResult.Valid, Verify(scheme, change: _ => { }, headers: headers));
            }
        }
    }

    private static string Mutated(string value, Random random)
    {
        var text = new StringBuilder(value);
        var at = random.Next(value.IndexOfAny(['=', ',']) + 1, value.Length - 2);
        var before = text[at];
        do
        {
            text[at] = (char)random.Next(32, 300);
        }
        while (char.ToLowerInvariant(text[at]) == char.ToLowerInvariant(before) || char.IsWhiteSpace(text[at]));
        return text.ToString();
    }

    private static VerificationResult Verify(
        string scheme, byte[]? body = null, string[]? secrets = null, Action<HeaderDictionary>? change = null, HeaderDictionary? headers = null)
    {
        headers ??= Sign(scheme);
        change?.Invoke(headers);
        return SignatureVerifier.Verify(SignatureSchemes.ByName[scheme], Keys(scheme, secrets ?? [Secret]), new(headers, body ?? Body(scheme), Url), Now).Result;
    }

    private static HeaderDictionary Sign(string scheme)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, value) in MessageSigner.Sign(SignatureSchemes.ByName[scheme], Keys(scheme, [Secret]), "msg_1", Now, Body(scheme)))
        {
            headers[name] = value;
        }

        return headers;
    }

    private static SigningKey[] Keys(string scheme, string[] secrets) =>
        [.. secrets.Select(secret => SigningKey.Parse(new Secret(secret), SignatureSchemes.ByName[scheme].KeyEncoding))];

    private static byte[] Body(string scheme) => Encoding.UTF8.GetBytes($$"""{"type":"{{scheme}}","ü":1}""");
}
