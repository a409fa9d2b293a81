using System.Net;
using System.Text;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Unit.Signing;

/// <summary>
/// Requests that are changed at random on their way: verifying never throws, and what still verifies has the signature, the
/// time and the content of the genuine one.
/// </summary>
public sealed class ForgeryPropertyTests
{
    public static TheoryData<string> Schemes => SampleRequest.Schemes;

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_changed_request_verifies_only_where_nothing_signed_has_changed(string scheme)
    {
        var genuine = SampleRequest.Of(scheme);
        SigningKey[] keys = [SampleRequest.Key(SampleRequest.SecretOf(genuine.Scheme), genuine.Scheme)];
        var names = genuine.Headers.Keys.Append("Content-Type").Append("webhook-id").Append("svix-signature").ToArray();

        // Ed25519 takes a hundred times as long as an HMAC; what reads the headers is the same.
        Fuzz.Try(
            random =>
            {
                var changed = (random.Next(4) switch
                {
                    0 => genuine with { Body = Fuzz.Changed(random, genuine.Body) },
                    1 => genuine with { Url = Fuzz.Changed(random, genuine.Url) },
                    _ => genuine,
                }).With(headers =>
                {
                    var name = random.Next(2) == 0 ? genuine.Scheme.SignatureHeader : names[random.Next(names.Length)];
                    headers[name] = Fuzz.Changed(random, headers[name].ToString());
                });

                var request = new RequestToVerify(changed.Headers, changed.Body, changed.Url);
                if (SignatureVerifier.Verify(genuine.Scheme, keys, request, SampleRequest.Now).Result == VerificationResult.Valid)
                {
                    AssertSameContent(genuine, changed);
                    AssertSameSignature(genuine, changed);
                }
            },
            genuine.Scheme.KeyEncoding == KeyEncoding.Ed25519 ? Fuzz.Rounds / 10 : Fuzz.Rounds);
    }

    [Fact]
    public void A_changed_form_verifies_only_with_the_same_fields()
    {
        var genuine = SampleRequest.Of(
            SignatureSchemes.Twilio, "From=%2B14158675309&To=%2b18005551212&Body=one+two%20%C3%BC&Media=b&Media=a",
            "application/x-www-form-urlencoded");
        SigningKey[] keys = [SampleRequest.Key(SampleRequest.HmacSecret, genuine.Scheme)];
        var expected = Fields(genuine.Body);

        Fuzz.Try(random =>
        {
            var body = random.Next(2) == 0
                ? Fuzz.Changed(random, genuine.Body)
                : Encoding.UTF8.GetBytes(Fuzz.Changed(random, Encoding.UTF8.GetString(genuine.Body)));
            if (SignatureVerifier.Verify(genuine.Scheme, keys, new(genuine.Headers, body, genuine.Url), SampleRequest.Now).Result
                == VerificationResult.Valid)
            {
                Assert.Equal(expected, Fields(body));
            }
        });
    }

    [Fact]
    public void A_form_out_of_nothing_never_throws_and_never_verifies()
    {
        var headers = new HeaderDictionary { ["Content-Type"] = "application/x-www-form-urlencoded",
            ["X-Twilio-Signature"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" };
        SigningKey[] keys = [SampleRequest.Key(SampleRequest.HmacSecret, SignatureSchemes.Twilio)];

        Fuzz.Try(random =>
        {
            var body = new byte[random.Next(60)];
            random.NextBytes(body);
            if (random.Next(2) == 0)
            {
                body = Encoding.UTF8.GetBytes(Fuzz.Text(random, 30, "a", "=", "&", "%", "%2", "%00", "%ff", "+", "a=b&"));
            }

            var url = Fuzz.Text(random, 12, "https://", "http:", "//", "h", ":443", "?", "bodySHA256=", "00", "[::1]", "@");
            Assert.NotEqual(
                VerificationResult.Valid,
                SignatureVerifier.Verify(SignatureSchemes.Twilio, keys, new(headers, body, url), SampleRequest.Now).Result);
        });
    }

    [Theory]
    [InlineData("standard", "webhook-timestamp")]
    [InlineData("slack", "X-Slack-Request-Timestamp")]
    [InlineData("discord", "X-Signature-Timestamp")]
    public void A_timestamp_is_one_to_twelve_digits_or_refused(string scheme, string header)
    {
        var genuine = SampleRequest.Of(scheme);
        var signed = genuine.Headers[header].ToString();
        SigningKey[] keys = [SampleRequest.Key(SampleRequest.SecretOf(genuine.Scheme), genuine.Scheme)];

        Fuzz.Try(random =>
        {
            var text = random.Next(2) == 0 ? Fuzz.Changed(random, signed) : Fuzz.Text(random, 14, "1", "7", "9", "0");
            var changed = genuine.With(headers => headers[header] = text);
            // A window of one second keeps Ed25519 out of most rounds.
            var result = SignatureVerifier.Verify(
                genuine.Scheme, keys, new(changed.Headers, changed.Body, changed.Url), SampleRequest.Now,
                TimeSpan.FromSeconds(1)).Result;

            var isNumber = text.Length is > 0 and <= 12 && text.All(c => c is >= '0' and <= '9');
            Assert.Equal(text.Length == 0, result == VerificationResult.MissingTimestamp);
            Assert.Equal(text.Length > 0 && !isNumber, result == VerificationResult.InvalidTimestamp);
            Assert.Equal(text == signed, result == VerificationResult.Valid);
        });
    }

    private static void AssertSameContent(SampleRequest genuine, SampleRequest changed)
    {
        Assert.Equal(genuine.Body, changed.Body);
        foreach (
            var (field, header) in new[] { ("{id}", genuine.Scheme.IdHeader), ("{timestamp}", genuine.Scheme.TimestampHeader) })
        {
            if (header is not null && genuine.Scheme.Content.ToString().Contains(field, StringComparison.Ordinal))
            {
                Assert.Equal(genuine.Headers[header], changed.Headers[header]);
            }
        }

        if (genuine.Scheme.Content.ToString().Contains("{url}", StringComparison.Ordinal))
        {
            // Twilio's counts with and without the default port.
            Assert.Equal(
                genuine.Url,
                genuine.Scheme.TriesPorts
                ? changed.Url.Replace("example.com:443/", "example.com/", StringComparison.Ordinal)
                : changed.Url);
        }
    }

    private static void AssertSameSignature(SampleRequest genuine, SampleRequest changed)
    {
        var name = genuine.Scheme.SignatureHeader;
        var separator = genuine.Scheme.Separator ?? '\0';
        var isHex = genuine.Scheme.Versions[0].Encoding == SignatureEncoding.Hex;
        var entries = changed.Headers[name].ToString().Split(separator).Select(entry => entry.Trim()).ToList();
        foreach (var entry in genuine.Headers[name].ToString().Split(separator))
        {
            Assert.Contains(entry, entries, isHex ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        }
    }

    private static List<string> Fields(byte[] form) =>
    [
        .. Encoding.UTF8.GetString(form).Split('&')
            .Select(field => field.Split('=', 2))
            .Select(pair => WebUtility.UrlDecode(pair[0]) + WebUtility.UrlDecode(pair.ElementAtOrDefault(1) ?? ""))
            .Where(field => field.Length > 0)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    ];
}
