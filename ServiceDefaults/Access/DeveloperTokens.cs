using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>
/// Accepts tokens that <c>dotnet user-jwts</c> creates for any project of the solution, at any time; for Development only. The
/// projects share their user secrets, so the key that signs a token proves that it was created on this machine.
/// </summary>
internal static class DeveloperTokens
{
    private const string Issuer = "dotnet-user-jwts";

    public static void Add(IHostApplicationBuilder builder)
    {
        UserSecrets.Follow(builder);
        builder.Services.AddSingleton<IOptionsChangeTokenSource<JwtBearerOptions>>(
            new ConfigurationChangeTokenSource<JwtBearerOptions>(BearerTokens.Scheme, builder.Configuration));

        // user-jwts adds the issuer to a project's appsettings when it creates a token, and removes it with the token.
        builder.Configuration.AddInMemoryCollection([new($"{BearerTokens.Section}:ValidIssuers:{Issuer}", Issuer)]);
        builder.Services.Configure<JwtBearerOptions>(
            BearerTokens.Scheme, options => options.TokenValidationParameters.AudienceValidator = IsForThisMachine);
    }

    // The audience of a developer's token is the URL of the project that it was created for, which does not say who may use it.
    private static bool IsForThisMachine(IEnumerable<string> audiences, SecurityToken token, TokenValidationParameters parameters)
    {
        if (token.Issuer == Issuer && audiences.Any(IsLoopback))
        {
            return true;
        }

        var configured = parameters.Clone();
        configured.AudienceValidator = null;
        Validators.ValidateAudience(audiences, token, configured);
        return true;
    }

    private static bool IsLoopback(string audience) =>
        Uri.TryCreate(audience, UriKind.Absolute, out var url)
        && url.IsLoopback && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);
}
