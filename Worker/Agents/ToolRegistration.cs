using Aspire.Webhooks.Egress;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Worker.Agents;

public static class ToolRegistration
{
    // Results are ours to handle: no JSON is made of them.
    private static readonly Func<object?, Type?, CancellationToken, ValueTask<object?>> AsIs = (result, _, _) => ValueTask.FromResult(result);

    /// <summary>Adds a tool that playbooks may name.</summary>
    public static IServiceCollection AddAgentTool(this IServiceCollection services, Func<IServiceProvider, AgentTool> tool) =>
        services.AddSingleton(tool);

    /// <summary>Adds <c>fetch_url</c>, <c>read_event</c> and <c>send_message</c>.</summary>
    public static IServiceCollection AddAgentTools(this IServiceCollection services)
    {
        services.AddEgressGuard();
        return services
            .AddSingleton<FetchUrl>()
            .AddAgentTool(provider => new(FetchUrl.Name, context => Function(
                FetchUrl.Name, FetchUrl.Description(context.Playbook), provider.GetRequiredService<FetchUrl>().For(context)))
            {
                Check = context => AIFunctionFactory.Create(provider.GetRequiredService<FetchUrl>().Check(context)),
            })
            .AddAgentTool(provider => ReadEventTool(provider.GetRequiredService<Redactor>()))
            .AddAgentTool(provider => new(SendMessage.Name, context => Function(
                SendMessage.Name, SendMessage.Description(context.Playbook), new SendMessage(context, provider.GetRequiredService<TimeProvider>()).Prepare)) { ReturnsEffect = true });
    }

    // To read is all that it does: a call that can be made is its own check.
    private static AgentTool ReadEventTool(Redactor redactor)
    {
        return new(ReadEvent.Name, Create) { Check = Create };

        AIFunction Create(ToolContext context) =>
            Function(ReadEvent.Name, ReadEvent.Description, new ReadEvent(context.Event, redactor).Read);
    }

    private static AIFunction Function(string name, string description, Delegate method) =>
        AIFunctionFactory.Create(method, new AIFunctionFactoryOptions { Name = name, Description = description, MarshalResult = AsIs, ExcludeResultSchema = true });
}
