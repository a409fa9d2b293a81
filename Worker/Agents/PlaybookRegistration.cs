using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Worker.Agents;

public static class PlaybookRegistration
{
    public static IServiceCollection AddPlaybooks(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<PlaybooksOptions>, PlaybooksValidation>();
        services.AddCheckedOptions<PlaybooksOptions>(PlaybooksOptions.Section);
        return services.AddSingleton<PlaybookCatalog>();
    }
}
