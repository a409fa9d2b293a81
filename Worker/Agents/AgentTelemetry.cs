using System.Diagnostics;
using Aspire.Webhooks.ServiceDefaults.Telemetry;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Creates spans of agents and tools by OpenTelemetry's semantic conventions for generative AI (in development).
/// Microsoft.Extensions.AI creates those of model calls. Spans contain no text of conversations, which is in the steps.
/// </summary>
internal static class AgentTelemetry
{
    /// <summary>Starts the span of an agent in the trace of the event.</summary>
    public static Activity? StartAgent(AgentWork work)
    {
        var agent = work.Playbook.Options.Agent;
        var activity = WebhookTelemetry.StartFrom(work.Task.Traceparent, $"invoke_agent {agent}", ActivityKind.Internal);
        activity?.SetTag("gen_ai.operation.name", "invoke_agent");
        activity?.SetTag("gen_ai.agent.name", agent);
        activity?.SetTag("webhook.task_id", work.Task.Id.ToString());
        activity?.SetTag("webhook.playbook", work.Playbook.Name);
        activity?.SetTag("webhook.attempt", work.Job.Attempt);
        return activity;
    }

    /// <summary>Starts the span of a tool call.</summary>
    public static Activity? StartTool(string name, string callId)
    {
        var activity = WebhookTelemetry.Source.StartActivity($"execute_tool {name}", ActivityKind.Internal);
        activity?.SetTag("gen_ai.operation.name", "execute_tool");
        activity?.SetTag("gen_ai.tool.name", name);
        activity?.SetTag("gen_ai.tool.type", "function");
        activity?.SetTag("gen_ai.tool.call.id", callId);
        return activity;
    }

    public static void Failed(Activity? activity, Exception exception)
    {
        activity?.SetTag("error.type", exception.GetType().FullName);
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
    }
}
