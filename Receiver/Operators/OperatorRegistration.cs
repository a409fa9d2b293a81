using Aspire.Webhooks.Events;
using Aspire.Webhooks.Replays;

namespace Aspire.Webhooks.Receiver.Operators;

public static class OperatorRegistration
{
    /// <summary>What <see cref="EventEndpoints"/> and <see cref="ReplayEndpoints"/> need.</summary>
    public static IServiceCollection AddOperators(this IServiceCollection services) =>
        services.AddScoped<EventReader>().AddScoped<ReplayReader>().AddSingleton<ReplayStore>();
}
