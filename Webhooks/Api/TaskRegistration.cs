using Aspire.Webhooks.Messages;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Api;

public static class TaskRegistration
{
    /// <summary>Adds the services that read tasks. Requires storage.</summary>
    public static IServiceCollection AddTaskReading(this IServiceCollection services) =>
        services.AddScoped<TaskQueries>().AddScoped<DeliveryQueries>().AddSingleton<ApprovalQueries>();
}
