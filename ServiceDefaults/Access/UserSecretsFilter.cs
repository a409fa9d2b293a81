using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>Checks before each request whether the user secrets have changed.</summary>
internal sealed partial class UserSecretsFilter(
    IConfiguration configuration, IOptionsMonitorCache<JwtBearerOptions> tokens, ILogger<UserSecretsFilter> logger)
    : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var secrets = ((IConfigurationRoot)configuration).Providers.OfType<UserSecrets.Provider>().Single();
        app.Use((context, following) =>
        {
            LoadChange(secrets);
            return following(context);
        });
        next(app);
    };

    private void LoadChange(UserSecrets.Provider secrets)
    {
        try
        {
            // Options notice no change while they are being made for an earlier one, such as of appsettings.json. This request
            // would be answered by the old keys.
            secrets.LoadChange(() => tokens.TryRemove(BearerTokens.Scheme));
        }
        catch (InvalidDataException exception)
        {
            LogUnreadable(logger, exception);
        }
    }

    [LoggerMessage(EventId = 1201, Level = LogLevel.Error,
        Message = "The user secrets could not be read; the previous ones stay in force.")]
    private static partial void LogUnreadable(ILogger logger, Exception exception);
}
