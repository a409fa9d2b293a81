using System.Text;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Unit.Signing;

/// <summary>A request as the sender of a scheme makes it, for tables of schemes and for changing it.</summary>
public sealed record SampleRequest(SignatureScheme Scheme, HeaderDictionary Headers, byte[] Body, string Url)
{
    public const string HmacSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    public const string PrivateKey =
        "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";

    public static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// The schemes that we can sign for, whose signature is in one header and covers the body, and that read none of its members.
    /// </summary>
    public static TheoryData<string> Schemes =>
    [
        .. SignatureSchemes.ByName.Where(scheme => scheme.Value is { CanSign: true, CoversBody: true, HasOwnHeader: true, ReadsBody: false })
            .Select(scheme => scheme.Key).Order(StringComparer.Ordinal),
    ];

    public static string SecretOf(SignatureScheme scheme) => scheme.KeyEncoding switch
    {
        KeyEncoding.Ed25519 => PrivateKey,
        KeyEncoding.Hex => "31f2c0a9e5d648f7b0c1d2e3f4a5b6c7",
        _ => HmacSecret,
    };

    public static string OtherSecretOf(SignatureScheme scheme) => scheme.KeyEncoding switch
    {
        KeyEncoding.Ed25519 => "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff19",
        KeyEncoding.Hex => "00112233445566778899aabbccddeeff",
        _ => "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    };

    public static SigningKey Key(string secret, SignatureScheme scheme, DateTimeOffset? expiresAt = null) =>
        SigningKey.Parse(new Secret(secret), scheme.KeyEncoding, expiresAt);

    public static SampleRequest Of(string scheme) => Of(SignatureSchemes.ByName[scheme], $$"""{"type":"{{scheme}}","ü":1}""", "application/json");

    public static SampleRequest Of(
        SignatureScheme scheme, string body, string contentType, string? secret = null,
        string url = "https://hooks.example.com/webhooks/source")
    {
        SigningKey[] keys = [Key(secret ?? SecretOf(scheme), scheme)];
        var bytes = MessageSigner.BodyFor(scheme, keys, "msg_1", Now, Encoding.UTF8.GetBytes(body));
        var target = MessageSigner.UrlFor(scheme, url, contentType, bytes);
        var headers = new HeaderDictionary { ["Content-Type"] = contentType };
        foreach (
            var (name, value) in MessageSigner.Sign(scheme, keys, "msg_1", Now, bytes, target, contentType))
        {
            headers[name] = value;
        }

        return new(scheme, headers, bytes, target);
    }

    /// <summary>The same with other headers, which the change may edit.</summary>
    public SampleRequest With(Action<HeaderDictionary> change)
    {
        var headers = new HeaderDictionary(
            new Dictionary<string, Microsoft.Extensions.Primitives.StringValues>(Headers, StringComparer.OrdinalIgnoreCase));
        change(headers);
        return this with { Headers = headers };
    }

    public VerificationResult Verify(params string[] secrets) => Verify(Now, secrets);

    public VerificationResult Verify(DateTimeOffset now, params string[] secrets) => SignatureVerifier.Verify(
        Scheme, [.. (secrets is [] ? [SecretOf(Scheme)] : secrets).Select(secret => Key(secret, Scheme))],
        new(Headers, Body, Url), now).Result;
}
