using Aspire.Webhooks.Messages;

namespace Aspire.Webhooks.Sender.Messages;

public static class MessageRegistration
{
    /// <summary>
    /// What publishes messages, shows them with their deliveries, and delivers once more. Needs storage, wake-ups and event
    /// types.
    /// </summary>
    public static IServiceCollection AddMessages(this IServiceCollection services) =>
        services.AddSingleton<PublishService>().AddSingleton<Redelivery>().AddScoped<DeliveryQueries>()
            .AddScoped<MessageQueries>();
}
