using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Jobs;

namespace Aspire.Webhooks.Sender.Delivery;

public static class DeliveryRegistration
{
    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.AddCheckedOptions<DeliveryOptions>(DeliveryOptions.Section);
        services.AddEgressGuard();
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<DeliveryClient>();
        return services.AddJobPump<DeliveryJobHandler>();
    }
}
