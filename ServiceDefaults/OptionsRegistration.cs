using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.ServiceDefaults;

public static class OptionsRegistration
{
    /// <summary>
    /// Binds options to a configuration section. A setting that does not exist and a value out of its range stop the start.
    /// </summary>
    /// <param name="services">The service's.</param>
    /// <param name="section">The section's path.</param>
    /// <param name="name">The options' name, where there are several of the type.</param>
    public static void AddCheckedOptions<TOptions>(this IServiceCollection services, string section, string? name = null)
        where TOptions : class => services.AddOptions<TOptions>(name)
            .BindConfiguration(section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
}
