using Aspire.Webhooks.Api;

namespace Aspire.Webhooks.Receiver.Api;

public static class OperatorRegistration
{
    /// <summary>Adds the services of <see cref="EventRoutes"/> and <see cref="ReplayRoutes"/>.</summary>
    public static IServiceCollection AddOperators(this IServiceCollection services) =>
        services.AddTaskReading().AddScoped<EventQueries>().AddScoped<ReplayQueries>().AddSingleton<ReplayStore>();
}
