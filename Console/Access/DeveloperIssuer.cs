using System.Security.Claims;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Aspire.Webhooks.Console.Access;

/// <summary>
/// Creates the access token of a developer who opens the sign-in link. The AppHost gives the services and the Console a new
/// signing key in each run. Works in Development only.
/// </summary>
internal sealed class DeveloperIssuer(
    IConfiguration configuration, IHostEnvironment environment, IOptions<ConsoleOptions> options, TimeProvider time)
{
    private const string Section = "Authentication:Schemes:Bearer";
    private const string Key = $"{Section}:SigningKeys:console";

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>Returns a token with all scopes if the link belongs to this run; otherwise null.</summary>
    /// <param name="signInToken">The token in the link.</param>
    public string? Create(string signInToken)
    {
        if (!environment.IsDevelopment() || configuration[$"{Key}:Value"] is not { Length: > 0 } key
            || options.Value.SignInToken is not { } expected || !expected.Equals(new Secret(signInToken)))
        {
            return null;
        }

        var now = time.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = configuration[$"{Key}:Issuer"],
            Audience = configuration[$"{Section}:ValidAudiences:console"],
            Subject = new ClaimsIdentity([new Claim("sub", Environment.UserName)]),
            IssuedAt = now,
            NotBefore = now,
            Expires = now + Lifetime,
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["scope"] = string.Join(' ', Scope.All.Select(scope => scope.Name)),
            },
            SigningCredentials = new(new SymmetricSecurityKey(Convert.FromBase64String(key)), SecurityAlgorithms.HmacSha256),
        });
    }
}
