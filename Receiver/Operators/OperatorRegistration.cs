using Aspire.Webhooks.Events;
using Aspire.Webhooks.Replays;
using Aspire.Webhooks.Tasks;

namespace Aspire.Webhooks.Receiver.Operators;

public static class OperatorRegistration
{
    /// <summary>What <see cref="EventEndpoints"/> and <see cref="ReplayEndpoints"/> need.</summary>
    public static IServiceCollection AddOperators(this IServiceCollection services) =>
        services.AddTaskReading().AddScoped<EventReader>().AddScoped<ReplayReader>().AddSingleton<ReplayStore>();
}
