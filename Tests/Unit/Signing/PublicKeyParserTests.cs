using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Tests.Unit.Signing;

public sealed class PublicKeyParserTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1024, false)]
    [InlineData(2040, false)]
    [InlineData(2048, true)]
    [InlineData(4096, true)]
    [InlineData(4104, false)]
    public void An_RSA_key_has_2048_to_4096_bits(int bits, bool isAccepted)
    {
        // A public key is its modulus, whatever its factors are.
        var modulus = new byte[bits / 8];
        (modulus[0], modulus[^1]) = (0x80, 1);
        using var rsa = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = [1, 0, 1] });

        AssertParsed(rsa.ExportSubjectPublicKeyInfoPem(), isAccepted);
    }

    [Theory]
    [InlineData("nistP256", true)]
    [InlineData("nistP384", false)]
    [InlineData("nistP521", false)]
    public void An_ECDSA_key_is_of_P_256(string curve, bool isAccepted)
    {
        using var ecdsa = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));

        AssertParsed(ecdsa.ExportSubjectPublicKeyInfoPem(), isAccepted);
    }

    [Fact]
    public void A_key_is_the_same_as_PEM_DER_certificate_and_JSON_Web_Key()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Certificate(ecdsa);
        var pem = ecdsa.ExportSubjectPublicKeyInfoPem();
        var expected = ecdsa.ExportSubjectPublicKeyInfo();

        foreach (var text in (string[])
        [
            pem, $"\n{pem}", pem.ReplaceLineEndings("\\n"), Convert.ToBase64String(expected), certificate.ExportCertificatePem(),
            Convert.ToBase64String(certificate.RawData), WebKey(ecdsa), $" {WebKey(ecdsa)}", $$"""{"keys":[{{WebKey(ecdsa)}}]}""",
        ])
        {
            var key = Assert.Single(PublicKeyParser.Parse(text));
            Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(key.Bytes));
            Assert.False(key.CanSign);
        }
    }

    [Fact]
    public void Several_keys_are_read_in_their_order_and_those_of_other_algorithms_are_skipped()
    {
        using var one = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var two = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string[] expected = [Hex(one.ExportSubjectPublicKeyInfo()), Hex(two.ExportSubjectPublicKeyInfo())];

        var pem = PublicKeyParser.Parse($"{one.ExportSubjectPublicKeyInfoPem()}\n{two.ExportSubjectPublicKeyInfoPem()}");
        var set = PublicKeyParser.Parse(
            $$"""{"keys":[{{WebKey(one, "a")}},{"kty":"OKP","crv":"Ed25519"},{"kty":"oct","k":"AA"},{{WebKey(two, "b")}}]}""");

        Assert.Equal(expected, pem.Select(key => Hex(key.Bytes)), StringComparer.Ordinal);
        Assert.Equal(expected, set.Select(key => Hex(key.Bytes)), StringComparer.Ordinal);
        Assert.Equal(["a", "b"], set.Select(key => key.Id), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(-1, -1)]
    [InlineData(1, 0)]
    [InlineData(null, 0)]
    public void A_certificates_key_expires_with_it_or_before(int? days, int expected)
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Certificate(ecdsa);

        var key = Assert.Single(
            PublicKeyParser.Parse(certificate.ExportCertificatePem(), days is { } own ? End.AddDays(own) : null));

        Assert.Equal(End.AddDays(expected), key.ExpiresAt);
    }

    [Fact]
    public void A_set_has_at_most_64_keys()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string Set(int count) => $$"""{"keys":[{{string.Join(',', Enumerable.Repeat(WebKey(ecdsa), count))}}]}""";

        Assert.Equal(64, PublicKeyParser.Parse(Set(64)).Count);
        AssertParsed(Set(65), isAccepted: false);
        AssertParsed(Set(0), isAccepted: false);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hunter22")]
    [InlineData("aHVudGVyMjI=")]
    [InlineData("{}")]
    [InlineData("{hunter22")]
    [InlineData("""{"kty":"oct","k":"aHVudGVyMjI"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}""")]
    [InlineData("""{"kty":"RSA","n":"!","e":"AQAB"}""")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nhunter22\n-----END PUBLIC KEY-----")]
    [InlineData("-----BEGIN PUBLIC KEY-----\naHVudGVyMjI=\n-----END PUBLIC KEY-----")]
    [InlineData("-----BEGIN CERTIFICATE-----\naHVudGVyMjI=\n-----END CERTIFICATE-----")]
    [InlineData("-----BEGIN PUBLIC KEY-----")]
    public void Anything_else_is_refused_without_being_quoted(string text) => AssertParsed(text, isAccepted: false);

    [Fact]
    public void A_private_key_is_refused()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        AssertParsed(ecdsa.ExportPkcs8PrivateKeyPem(), isAccepted: false);
        AssertParsed($"{ecdsa.ExportSubjectPublicKeyInfoPem()}\n{ecdsa.ExportECPrivateKeyPem()}", isAccepted: false);
    }

    private static void AssertParsed(string text, bool isAccepted)
    {
        if (isAccepted)
        {
            Assert.Single(PublicKeyParser.Parse(text));
            return;
        }

        var error = Assert.Throws<FormatException>(() => PublicKeyParser.Parse(text));
        Assert.DoesNotContain("hunter22", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("The secret is no public key", error.Message, StringComparison.Ordinal);
    }

    private static X509Certificate2 Certificate(ECDsa ecdsa) =>
        new CertificateRequest("CN=provider", ecdsa, HashAlgorithmName.SHA256).CreateSelfSigned(Start, End);

    private static string WebKey(ECDsa ecdsa, string? id = null)
    {
        var point = ecdsa.ExportParameters(includePrivateParameters: false).Q;
        return JsonSerializer.Serialize(new
        {
            kty = "EC", crv = "P-256", kid = id, x = Base64Url(point.X!), y = Base64Url(point.Y!),
        });

        static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes);
}
