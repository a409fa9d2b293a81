using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aspire.Webhooks.Listeners;

public static class ListenerRegistration
{
    /// <summary>Registers a listener. A source can have several. Registering the same listener again has no effect.</summary>
    public static IServiceCollection AddWebhookListener<TListener>(this IServiceCollection services)
        where TListener : WebhookListener
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<WebhookListener, TListener>());
        return services;
    }
}
