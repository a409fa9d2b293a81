using Aspire.Webhooks.Messages;

namespace Aspire.Webhooks.Sender.Messages;

public static class MessageRegistration
{
    /// <summary>Adds the services that publish, list and resend messages. Requires storage, wake-ups and event types.</summary>
    public static IServiceCollection AddMessages(this IServiceCollection services) =>
        services.AddSingleton<PublishService>().AddSingleton<Redelivery>().AddScoped<DeliveryQueries>()
            .AddScoped<MessageQueries>();
}
