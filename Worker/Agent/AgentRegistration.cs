using Aspire.Webhooks.Worker.Approvals;
using Aspire.Webhooks.Worker.Playbooks;
using Aspire.Webhooks.Worker.Steps;
using Aspire.Webhooks.Worker.Tools;
using Aspire.Webhooks.Worker.Transcripts;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Worker.Agent;

public static class AgentRegistration
{
    /// <summary>
    /// Adds what runs agents: the chat clients <c>rules</c> and <c>openai</c>, their tools, steps and transcripts. A client of your own
    /// is another keyed <see cref="IChatClient"/>; a playbook names its key.
    /// </summary>
    public static IServiceCollection AddAgents(this IServiceCollection services)
    {
        services.AddAgentTools();
        services.AddKeyedSingleton<IChatClient, RulesChatClient>(RulesAgent.Name);
        services.AddKeyedSingleton<IChatClient, OpenAIChatClient>(OpenAIOptions.Agent);
        services.AddCheckedOptions<OpenAIOptions>(OpenAIOptions.Section).Check(OpenAIOptions.Errors);
        services.AddCheckedOptions<TranscriptOptions>(TranscriptOptions.Section);
        services.AddSingleton<Transcript>().AddSingleton<StepStore>().AddSingleton<ApprovalRequests>();
        return services.AddSingleton<ToolCalls>().AddSingleton<ModelCalls>().AddSingleton<AgentRun>();
    }
}
