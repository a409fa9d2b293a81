using System.Diagnostics;
using Aspire.Webhooks.Jobs;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Worker.Playbooks;
using Aspire.Webhooks.Worker.Tasks;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>Shows an event to its listeners and makes a task for each playbook that it matches.</summary>
public sealed partial class EventJobHandler(
    EventStore events,
    IEnumerable<WebhookListener> listeners,
    PlaybookCatalog playbooks,
    TimeProvider time,
    ILogger<EventJobHandler> logger) : IJobHandler
{
    private readonly ILookup<string, WebhookListener> _listeners = listeners.ToLookup(l => l.Source, StringComparer.OrdinalIgnoreCase);

    public static JobKind Kind => JobKind.Event;

    public RetrySchedule Schedule => RetrySchedule.Default;

    public async Task<JobOutcome> RunAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        var (webhookEvent, traceparent) = await events.LoadAsync(job.RefId, cancellationToken);
        using var activity = WebhookTelemetry.StartFrom(traceparent, "webhook.process", ActivityKind.Consumer);
        activity?.SetTag("webhook.source", webhookEvent.Source);
        activity?.SetTag("webhook.event_id", webhookEvent.Id.ToString());
        activity?.SetTag("webhook.event_type", webhookEvent.EventType);
        activity?.SetTag("webhook.attempt", job.Attempt);

        var heard = _listeners[webhookEvent.Source].ToList();
        foreach (var listener in heard)
        {
            await ListenAsync(listener, webhookEvent, cancellationToken);
        }

        var matching = playbooks.Matching(webhookEvent);
        if (heard.Count == 0 && matching.Count == 0)
        {
            LogIgnored(logger, webhookEvent.Source, webhookEvent.EventType, webhookEvent.Id);
            return JobOutcome.Ignored();
        }

        if (matching.Count == 0)
        {
            return JobOutcome.Done();
        }

        var context = activity?.Id ?? traceparent;
        return JobOutcome.Done() with
        {
            Wakes = JobKind.Task,
            Handover = async (transaction, token) =>
            {
                foreach (var playbook in matching)
                {
                    await TaskStore.CreateAsync(webhookEvent.Id, playbook.Name, context, transaction, time, token);
                }
            },
        };
    }

    private static async Task ListenAsync(WebhookListener listener, WebhookEvent webhookEvent, CancellationToken cancellationToken)
    {
        try
        {
            await listener.HandleAsync(webhookEvent, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            await listener.OnErrorAsync(webhookEvent, exception, cancellationToken);
            throw;
        }
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "No listener and no playbook wants {Source}'s {EventType}; event {EventId} is ignored.")]
    private static partial void LogIgnored(ILogger logger, string source, string eventType, Guid eventId);
}
