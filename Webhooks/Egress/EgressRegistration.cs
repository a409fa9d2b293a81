using Aspire.Webhooks.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Egress;

public static class EgressRegistration
{
    public static IServiceCollection AddEgressGuard(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<EgressOptions>, EgressOptionsValidation>();
        services.AddCheckedOptions<EgressOptions>(EgressOptions.Section);
        return services.AddSingleton<EgressGuard>();
    }
}
