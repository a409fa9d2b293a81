using Aspire.Webhooks.Messages;

namespace Aspire.Webhooks.Sender.Messages;

public static class MessageRegistration
{
    /// <summary>What publishes messages, shows them with their deliveries, and delivers once more. Needs storage, wake-ups and event types.</summary>
    public static IServiceCollection AddMessages(this IServiceCollection services) =>
        services.AddSingleton<Publisher>().AddSingleton<Redelivery>().AddScoped<DeliveryReader>().AddScoped<MessageReader>();

    /// <summary>Maps <c>/api/v1/messages</c>, <c>/api/v1/deliveries</c> and the recovery of endpoints.</summary>
    public static void MapMessagesAndDeliveries(this WebApplication app)
    {
        app.MapPublishing();
        app.MapMessages();
        app.MapDeliveries();
        app.MapRecovery();
    }
}
