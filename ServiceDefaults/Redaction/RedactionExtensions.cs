using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Primitives;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

internal static class RedactionExtensions
{
    /// <summary>Registers the <see cref="Redactor"/>. It reads the configuration when first used, so that sources added after
    /// this call count too, and again when the configuration changes: services follow it to new secrets.</summary>
    public static void AddRedaction(this IServiceCollection services) => services.TryAddSingleton(provider =>
    {
        var configuration = provider.GetRequiredService<IConfiguration>();
        var redactor = new Redactor(ConfiguredSecrets.In(configuration));
        ChangeToken.OnChange(configuration.GetReloadToken, () => redactor.Learn(ConfiguredSecrets.In(configuration)));
        return redactor;
    });
}
