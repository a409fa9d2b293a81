using Aspire.Webhooks.Messages;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tasks;

public static class TaskRegistration
{
    /// <summary>What reads tasks. Needs storage.</summary>
    public static IServiceCollection AddTaskReading(this IServiceCollection services) =>
        services.AddScoped<TaskReader>().AddScoped<DeliveryReader>().AddSingleton<ApprovalReader>();
}
