using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Webhooks.Worker.Agents;

public static class AgentRegistration
{
    /// <summary>
    /// Adds what runs agents: the chat clients <c>rules</c> and <c>openai</c>, their tools, steps and transcripts. A client of
    /// your own is added with <see cref="AddAgentClient{TClient}"/>; a playbook names its key.
    /// </summary>
    public static IServiceCollection AddAgents(this IServiceCollection services)
    {
        services.AddAgentTools();
        services.AddAgentClient<RulesChatClient>(RulesAgent.Name).AddAgentClient<OpenAIChatClient>(OpenAIOptions.Agent);
        services.AddCheckedOptions<OpenAIOptions>(OpenAIOptions.Section).Check(OpenAIOptions.Errors);
        services.AddCheckedOptions<TranscriptOptions>(TranscriptOptions.Section);
        services.AddSingleton<Transcript>().AddSingleton<StepStore>().AddSingleton<ApprovalRequests>();
        return services.AddSingleton<ToolCalls>().AddSingleton<ModelCalls>().AddSingleton<AgentRun>();
    }

    /// <summary>
    /// Adds a chat client under the key by which playbooks name it, with a span and metrics for each of its calls. What was said
    /// is no part of them, whatever the environment asks for: the steps have it.
    /// </summary>
    public static IServiceCollection AddAgentClient<TClient>(this IServiceCollection services, string key)
        where TClient : class, IChatClient
    {
        // Without a logger: the line of the job that failed has the exception.
        services.AddKeyedChatClient(key, provider => ActivatorUtilities.CreateInstance<TClient>(provider))
            .UseOpenTelemetry(NullLoggerFactory.Instance, WebhookTelemetry.Name, client => client.EnableSensitiveData = false);
        return services;
    }
}
