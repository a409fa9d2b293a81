using Aspire.Webhooks.Api;

namespace Aspire.Webhooks.Receiver.Api;

public static class OperatorRegistration
{
    /// <summary>What <see cref="EventRoutes"/> and <see cref="ReplayRoutes"/> need.</summary>
    public static IServiceCollection AddOperators(this IServiceCollection services) =>
        services.AddTaskReading().AddScoped<EventQueries>().AddScoped<ReplayQueries>().AddSingleton<ReplayStore>();
}
