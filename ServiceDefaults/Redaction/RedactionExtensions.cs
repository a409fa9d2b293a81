using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aspire.Webhooks.Redaction;

internal static class RedactionExtensions
{
    /// <summary>Registers the <see cref="Redactor"/>. It reads the configuration when first used, so that sources added after
    /// this call count too.</summary>
    public static void AddRedaction(this IServiceCollection services) => services.TryAddSingleton(provider =>
        new Redactor(ConfiguredSecrets.In(provider.GetRequiredService<IConfiguration>())));
}
