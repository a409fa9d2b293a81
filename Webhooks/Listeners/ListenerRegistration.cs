using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Listeners;

public static class ListenerRegistration
{
    /// <summary>Registers a listener; a source may have several.</summary>
    public static IServiceCollection AddWebhookListener<TListener>(this IServiceCollection services)
        where TListener : WebhookListener => services.AddSingleton<WebhookListener, TListener>();
}
