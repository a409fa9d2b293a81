using Aspire.Webhooks.Worker.Events;
using Aspire.Webhooks.Worker.Listeners;

namespace Aspire.Webhooks.Worker.Tasks;

public static class TaskRegistration
{
    /// <summary>Adds what takes an event to its listeners and its tasks to their results.</summary>
    public static IServiceCollection AddTasks(this IServiceCollection services) => services
        .AddSingleton<ListenerCatalog>().AddSingleton<HeardListeners>().AddSingleton<ListenerRun>()
        .AddSingleton<EventStore>().AddSingleton<TaskStore>().AddSingleton<TaskCompletion>();
}
