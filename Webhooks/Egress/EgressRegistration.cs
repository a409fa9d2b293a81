using Aspire.Webhooks.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.Egress;

public static class EgressRegistration
{
    public static IServiceCollection AddEgressGuard(this IServiceCollection services)
    {
        services.AddCheckedOptions<EgressOptions>(EgressOptions.Section)
            .Check((options, provider) =>
                EgressOptionsValidation.Errors(options, provider.GetRequiredService<IHostEnvironment>()));
        return services.AddSingleton<EgressGuard>();
    }
}
