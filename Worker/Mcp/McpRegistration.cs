using System.Reflection;
using Aspire.Webhooks.Events;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Replays;
using Aspire.Webhooks.Tasks;

namespace Aspire.Webhooks.Worker.Mcp;

public static class McpRegistration
{
    /// <summary>Adds the MCP server: its tools, over standard input and output. Needs storage and what <c>AddTasks</c> adds.</summary>
    /// <param name="agent">What the agent is called.</param>
    public static IServiceCollection AddMcp(this IServiceCollection services, string agent)
    {
        services.AddJobQueue().AddJobOptions(JobKind.Task);
        services.AddTaskReading().AddScoped<EventReader>().AddSingleton<ReplayStore>();
        services.AddSingleton(new AgentName(agent)).AddSingleton<ExternalTasks>().AddSingleton<WorkLoader>().AddSingleton<RedactedAnswer>();
        services
            .AddMcpServer(options =>
            {
                options.ServerInfo = new() { Name = "aspire-webhooks", Title = "Aspire.Webhooks", Version = Version() };
                options.ServerInstructions = McpInstructions.Text;
            })
            .WithStdioServerTransport()
            .WithTools<EventTools>()
            .WithTools<TaskTools>()
            .WithTools<LeaseTools>()
            .WithTools<OutcomeTools>()
            .WithRequestFilters(filters => filters.AddCallToolFilter(ToolFailures.Answer));
        return services;
    }

    // As MSBuild has it, without the commit behind the plus sign.
    private static string Version() =>
        typeof(McpRegistration).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}

/// <summary>What the agent is called whose session this is.</summary>
internal sealed record AgentName(string Value);
