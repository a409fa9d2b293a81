using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Worker.Agents;

public static class PlaybookRegistration
{
    public static IServiceCollection AddPlaybooks(this IServiceCollection services)
    {
        services.AddCheckedOptions<PlaybooksOptions>(PlaybooksOptions.Section)
            .Check((options, provider) => ActivatorUtilities.CreateInstance<PlaybooksValidation>(provider).Errors(options));
        return services.AddSingleton<PlaybookCatalog>();
    }
}
