using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Worker.Agents;

public static class TaskRegistration
{
    // Agents call models, which are paid for and limited.
    private const int MostTasks = 64;

    /// <summary>Adds what takes an event to its listeners and its tasks to their results: playbooks, agents, and what they write.</summary>
    public static IServiceCollection AddTasks(this IServiceCollection services) => services
        .AddPlaybooks().AddAgents()
        .AddSingleton<ListenerCatalog>().AddSingleton<HeardListeners>().AddSingleton<ListenerRun>()
        .AddSingleton<EventStore>().AddSingleton<TaskStore>().AddSingleton<TaskCompletion>()
        .Configure<JobOptions>(nameof(JobKind.Task), jobs => jobs.Concurrency = MostTasks);
}
