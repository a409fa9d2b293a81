using Aspire.Webhooks.ServiceDefaults;

namespace Aspire.Webhooks.Sender.Endpoints;

public static class EventTypeRegistration
{
    public static IServiceCollection AddEventTypes(this IServiceCollection services)
    {
        services.AddCheckedOptions<EventTypesOptions>(EventTypesOptions.Section).Check((options, _) => options.Errors());
        return services.AddSingleton<EventTypeCatalog>();
    }
}
