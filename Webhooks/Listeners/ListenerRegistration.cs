using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aspire.Webhooks.Listeners;

public static class ListenerRegistration
{
    /// <summary>Registers a listener; a source may have several. The same listener twice is the same as once.</summary>
    public static IServiceCollection AddWebhookListener<TListener>(this IServiceCollection services)
        where TListener : WebhookListener
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<WebhookListener, TListener>());
        return services;
    }
}
