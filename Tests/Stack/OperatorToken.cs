using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>
/// Bearer tokens of an issuer that the services of the tests trust, made as <c>dotnet user-jwts</c> makes them.
/// </summary>
public static class OperatorToken
{
    public const string Issuer = "tests";
    public const string Audience = "receiver-under-test";

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    /// <summary>What a service is configured with to trust the issuer.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Authentication:Schemes:Bearer:ValidIssuer"] = Issuer,
        ["Authentication:Schemes:Bearer:ValidAudiences:0"] = Audience,
        ["Authentication:Schemes:Bearer:SigningKeys:tests:Issuer"] = Issuer,
        ["Authentication:Schemes:Bearer:SigningKeys:tests:Value"] = Convert.ToBase64String(Key),
    };

    public static string Read { get; } = Create(Scope("events:read"));

    public static string Write { get; } = Create(Scope("events:write"));

    public static string Approve { get; } = Create(Scope("tasks:approve"));

    /// <summary>A token of a merchant's.</summary>
    public static string Of(string merchant, string scope) => Create(Scope(scope), merchant: merchant);

    public static KeyValuePair<string, object> Scope(string value) => new("scope", value);

    /// <summary>A token that is right but for what is asked for.</summary>
    public static string Create(
        KeyValuePair<string, object>? claim = null, string issuer = Issuer, string audience = Audience, byte[]? key = null,
        string algorithm = SecurityAlgorithms.HmacSha256, TimeSpan? validFor = null, string subject = "operator-7",
        object? merchant = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var expires = now + (validFor ?? TimeSpan.FromHours(1));
        var token = new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Subject = new ClaimsIdentity([new Claim("sub", subject)]),
            NotBefore = expires - TimeSpan.FromHours(2),
            IssuedAt = expires - TimeSpan.FromHours(2),
            Expires = expires,
            SigningCredentials = new(new SymmetricSecurityKey(key ?? Key), algorithm),
        };
        token.Claims = new Dictionary<string, object>(StringComparer.Ordinal);
        if (claim is { } given)
        {
            token.Claims[given.Key] = given.Value;
        }

        if (merchant is not null)
        {
            token.Claims["merchant_id"] = merchant;
        }

        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(token);
    }

    /// <summary>Sends the token with each request of the client.</summary>
    public static HttpClient With(this HttpClient client, string token)
    {
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
