using System.Security.Cryptography;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Aspire.Webhooks.Tests.Unit.Signing;

/// <summary>The claims of JSON Web Tokens, by RFC 7519, section 4.1. A source without another tolerance has 300 s.</summary>
public sealed class SignedTokenTests : IDisposable
{
    private const long Now = 1_795_348_800;

    private static readonly SignatureScheme Scheme = SignatureSchemes.ByName["plaid"] with { BodyHashClaim = null };

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Theory]
    [InlineData("""{"exp":1795348501}""", VerificationResult.Valid)]
    [InlineData("""{"exp":1795348500}""", VerificationResult.StaleTimestamp)]
    [InlineData("""{"iat":1795349100,"exp":1795352400}""", VerificationResult.Valid)]
    [InlineData("""{"iat":1795349101,"exp":1795352400}""", VerificationResult.StaleTimestamp)]
    [InlineData("""{"iat":1795340000,"exp":1795352400}""", VerificationResult.Valid)]
    [InlineData("""{"iat":1795348500}""", VerificationResult.Valid)]
    [InlineData("""{"iat":1795348499}""", VerificationResult.StaleTimestamp)]
    [InlineData("""{"iat":1795349100}""", VerificationResult.Valid)]
    [InlineData("""{"iat":1795349101}""", VerificationResult.StaleTimestamp)]
    [InlineData("""{"nbf":1795349100,"exp":1795352400}""", VerificationResult.Valid)]
    [InlineData("""{"nbf":1795349101,"exp":1795352400}""", VerificationResult.StaleTimestamp)]
    [InlineData("""{"nbf":1795340000}""", VerificationResult.StaleTimestamp)]
    [InlineData("""{"sub":"nobody"}""", VerificationResult.StaleTimestamp)]
    [InlineData("""{"exp":0}""", VerificationResult.StaleTimestamp)]
    [InlineData("""{"iat":-1}""", VerificationResult.StaleTimestamp)]
    [InlineData("""{"iat":"soon"}""", VerificationResult.WrongSignature)]
    [InlineData("""{"iat":100000000000}""", VerificationResult.StaleTimestamp)]
    [InlineData("""{"exp":9223372036854775807}""", VerificationResult.StaleTimestamp)]
    public void A_token_counts_between_its_times(string claims, VerificationResult expected) =>
        Assert.Equal(expected, Verify(Scheme, claims, Now));

    [Fact]
    public void The_first_second_of_Unix_time_is_a_time() =>
        Assert.Equal(VerificationResult.Valid, Verify(Scheme, """{"iat":0}""", 10));

    [Theory]
    [InlineData("true", VerificationResult.Valid)]
    [InlineData("false", VerificationResult.WrongSignature)]
    [InlineData("\"true\"", VerificationResult.Valid)]
    [InlineData("\"TRUE\"", VerificationResult.WrongSignature)]
    [InlineData("null", VerificationResult.WrongSignature)]
    [InlineData("1", VerificationResult.WrongSignature)]
    public void A_claim_is_compared_as_text_and_a_boolean_by_its_value(string value, VerificationResult expected) =>
        Assert.Equal(expected, Verify(
            Requiring("verified", "true"), $$"""{"iat":{{Now}},"verified":{{value}}}""", Now));

    [Theory]
    [InlineData("""{"iss":"one"}""", VerificationResult.Valid)]
    [InlineData("""{"iss":"two"}""", VerificationResult.Valid)]
    [InlineData("""{"iss":"three"}""", VerificationResult.WrongSignature)]
    [InlineData("""{"sub":"one"}""", VerificationResult.WrongSignature)]
    public void A_claim_has_one_of_the_values_of_the_scheme(string claims, VerificationResult expected) =>
        Assert.Equal(expected, Verify(
            Requiring("iss", "one", "two"), claims.Replace("{", $$"""{"iat":{{Now}},""", StringComparison.Ordinal), Now));

    private static SignatureScheme Requiring(string claim, params string[] values) => Scheme with
    {
        Claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { [claim] = values },
    };

    private VerificationResult Verify(SignatureScheme scheme, string claims, long now)
    {
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            claims, new SigningCredentials(new ECDsaSecurityKey(_key), SecurityAlgorithms.EcdsaSha256));
        return SignatureVerifier.Verify(
            scheme, PublicKeyParser.Parse(_key.ExportSubjectPublicKeyInfoPem()),
            new(new HeaderDictionary { [scheme.SignatureHeader] = token }, "{}"u8.ToArray(), "https://hooks.example.com/x"),
            DateTimeOffset.FromUnixTimeSeconds(now)).Result;
    }
}
