using System.Diagnostics;
using System.Diagnostics.Metrics;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Spans and metrics by OpenTelemetry's semantic conventions for generative AI, version 1.37 (in development). What was said is
/// in the steps, not in spans.
/// </summary>
internal static class AgentTelemetry
{
    private static readonly Histogram<long> Tokens = WebhookTelemetry.Meter.CreateHistogram<long>(
        "gen_ai.client.token.usage", "{token}", "Tokens that went in and came out of a model call.");

    private static readonly Histogram<double> Durations = WebhookTelemetry.Meter.CreateHistogram<double>(
        "gen_ai.client.operation.duration", "s", "How long a model call took.");

    /// <summary>Under the event's trace.</summary>
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

    public static Activity? StartChat(ChatClientMetadata? client)
    {
        var activity = WebhookTelemetry.Source.StartActivity($"chat {client?.DefaultModelId}", ActivityKind.Client);
        activity?.SetTag("gen_ai.operation.name", "chat");
        activity?.SetTag("gen_ai.provider.name", client?.ProviderName);
        activity?.SetTag("gen_ai.request.model", client?.DefaultModelId);
        if (client?.ProviderUri is { } uri)
        {
            activity?.SetTag("server.address", uri.Host);
            activity?.SetTag("server.port", uri.Port);
        }

        return activity;
    }

    public static void Answered(Activity? activity, ChatClientMetadata? client, ChatResponse response, TaskStep step)
    {
        activity?.SetTag("gen_ai.response.id", response.ResponseId);
        activity?.SetTag("gen_ai.response.model", response.ModelId);
        activity?.SetTag("gen_ai.response.finish_reasons", response.FinishReason is { } reason ? new[] { reason.Value } : null);
        activity?.SetTag("gen_ai.usage.input_tokens", step.InputTokens);
        activity?.SetTag("gen_ai.usage.output_tokens", step.OutputTokens);
        if (!Tokens.Enabled)
        {
            return;
        }

        Tokens.Record(step.InputTokens, [.. Tags(client), new("gen_ai.token.type", "input")]);
        Tokens.Record(step.OutputTokens, [.. Tags(client), new("gen_ai.token.type", "output")]);
    }

    public static void Took(ChatClientMetadata? client, TimeSpan duration, Exception? error)
    {
        if (Durations.Enabled)
        {
            Durations.Record(duration.TotalSeconds, error is null ? Tags(client) : [.. Tags(client), new("error.type", error.GetType().FullName)]);
        }
    }

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

    private static KeyValuePair<string, object?>[] Tags(ChatClientMetadata? client) =>
    [
        new("gen_ai.operation.name", "chat"), new("gen_ai.provider.name", client?.ProviderName), new("gen_ai.request.model", client?.DefaultModelId),
    ];
}
