using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Sender.Delivery;

public static class DeliveryRegistration
{
    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.AddCheckedOptions<DeliveryVariables>("");
        services.AddCheckedOptions<DeliveryOptions>(DeliveryOptions.Section).Configure<IConfiguration>(DeliveryVariables.Apply);
        services.AddEgressGuard();
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<DeliveryClient>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<DeliveryOptions>>().Value.Circuit);
        services.AddSingleton<EndpointCircuit>();
        services.AddSingleton<EndpointPace>();
        services.AddSingleton<EndpointDeactivation>();
        services.Configure<JobOptions>(
            nameof(JobKind.Delivery), jobs => (jobs.Concurrency, jobs.PerLane, jobs.SlowConcurrency) = (1024, 8, 512));
        return services.AddJobPump<DeliveryJobHandler, DeliveryRow?>();
    }
}
