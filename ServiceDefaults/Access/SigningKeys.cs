using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>
/// Reads the configured signing keys once. ASP.NET Core reads them at each request and answers 500 when one cannot be read.
/// Here an unreadable key, or an authority without audiences, fails the startup; in a running service the previous keys stay in
/// force.
/// </summary>
internal sealed partial class SigningKeys(ILogger<SigningKeys> logger) : IPostConfigureOptions<JwtBearerOptions>
{
    private const string Section = BearerTokens.Section + ":SigningKeys";

    private volatile SecurityKey[]? _inForce;

    /// <exception cref="OptionsValidationException">At startup, a key cannot be read, or an authority has no
    /// audiences.</exception>
    public void PostConfigure(string? name, JwtBearerOptions options)
    {
        if (name != BearerTokens.Scheme)
        {
            return;
        }

        List<string> errors = [];
        if (_inForce is null && !string.IsNullOrEmpty(options.Authority) && !HasAudience(options))
        {
            errors.Add(
                $"{BearerTokens.Section}:ValidAudiences is not set; {BearerTokens.Section}:Authority needs it: "
                + "no token would be valid.");
        }

        try
        {
            _inForce = [.. options.TokenValidationParameters.IssuerSigningKeys ?? []];
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidOperationException)
        {
            if (_inForce is null)
            {
                errors.Add($"{Section} has a key that cannot be read: an issuer has one, and its value is base64.");
            }
            else
            {
                LogRefused(logger, Section, exception);
            }
        }

        if (errors.Count > 0)
        {
            _inForce = null;
            throw new OptionsValidationException(name, typeof(JwtBearerOptions), errors);
        }

        options.TokenValidationParameters.IssuerSigningKeys = _inForce;
    }

    private static bool HasAudience(JwtBearerOptions options) =>
        !string.IsNullOrEmpty(options.Audience) || !string.IsNullOrEmpty(options.TokenValidationParameters.ValidAudience)
        || options.TokenValidationParameters.ValidAudiences?.Any(audience => !string.IsNullOrEmpty(audience)) == true;

    [LoggerMessage(EventId = 1202, Level = LogLevel.Error,
        Message = "{Section} has a key that cannot be read; the previous keys stay in force.")]
    private static partial void LogRefused(ILogger logger, string section, Exception exception);
}
