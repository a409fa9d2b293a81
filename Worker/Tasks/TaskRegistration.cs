using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Worker.Agent;
using Aspire.Webhooks.Worker.Events;
using Aspire.Webhooks.Worker.Listeners;
using Aspire.Webhooks.Worker.Playbooks;

namespace Aspire.Webhooks.Worker.Tasks;

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
