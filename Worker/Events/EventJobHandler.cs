using System.Diagnostics;
using System.Diagnostics.Metrics;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Npgsql;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>Runs the listeners of an event and creates a task for each matching playbook.</summary>
public sealed partial class EventJobHandler(
    EventStore events,
    ListenerCatalog listeners,
    ListenerRun run,
    PlaybookCatalog playbooks,
    OperatorEvents operators,
    TimeProvider time,
    ILogger<EventJobHandler> logger) : IJobHandler<StoredEvent?>
{
    public static JobKind Kind => JobKind.Event;

    public static string Columns => EventStore.ClaimColumns;

    public static string Joins => "left join webhooks.inbound_events event on event.id = due.ref_id";

    public RetrySchedule Schedule => RetrySchedule.Default;

    public static StoredEvent? Read(NpgsqlDataReader reader, int first, LeasedJob job) =>
        EventStore.Read(reader, job.RefId, first);

    public JobOutcome Buried(LeasedJob job, JobOutcome outcome) => operators.Tell(Kind, job, outcome);

    public async Task<JobOutcome> RunAsync(LeasedJob job, StoredEvent? stored, CancellationToken cancellationToken)
    {
        StoredEvent loaded;
        try
        {
            loaded = stored ?? await events.LoadAsync(job.RefId, cancellationToken);
        }
        catch (ContentDeletedException exception)
        {
            return JobOutcome.Bury(exception.Message);
        }

        var (webhookEvent, traceparent) = loaded;
        using var activity = WebhookTelemetry.StartFrom(traceparent, "webhook.process", ActivityKind.Consumer);
        activity?.SetTag("webhook.source", webhookEvent.Source);
        activity?.SetTag("webhook.event_id", webhookEvent.Id.ToString());
        activity?.SetTag("webhook.event_type", webhookEvent.EventType);
        activity?.SetTag("webhook.attempt", job.Attempt);

        var matchingListeners = listeners.Matching(webhookEvent);
        var matchingPlaybooks = playbooks.Matching(webhookEvent);
        if (matchingListeners.Count == 0 && matchingPlaybooks.Count == 0)
        {
            LogIgnored(logger, webhookEvent.Source, webhookEvent.EventType, webhookEvent.Id);
            EventMetrics.Count(webhookEvent.Source, "ignored");
            return JobOutcome.Ignored();
        }

        await RunListenersAsync(job, webhookEvent, matchingListeners, cancellationToken);
        return matchingPlaybooks.Count == 0
            ? JobOutcome.Done()
            : HandOver(webhookEvent, matchingPlaybooks, activity?.Id ?? traceparent);
    }

    private async Task RunListenersAsync(
        LeasedJob job, WebhookEvent webhookEvent, IReadOnlyList<NamedListener> matching, CancellationToken cancellationToken)
    {
        try
        {
            await run.RunAsync(job, webhookEvent, matching, cancellationToken);
            EventMetrics.Count(webhookEvent.Source, "processed");
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            EventMetrics.Count(webhookEvent.Source, "failed");
            throw;
        }
    }

    private JobOutcome HandOver(WebhookEvent webhookEvent, IReadOnlyList<Playbook> matching, string? traceparent) =>
        JobOutcome.Done() with
        {
            Wakes = new(JobKind.Task) { Lanes = [webhookEvent.Source] },
            Writes = [.. matching.Select(playbook => NewTask.Create.Of(NewTask.Of(webhookEvent, playbook, traceparent, time)))],
        };

    [LoggerMessage(
        EventId = 3001, Level = LogLevel.Information,
        Message = "No listener and no playbook handles {Source}'s {EventType}; event {EventId} is ignored.")]
    private static partial void LogIgnored(ILogger logger, string source, string eventType, Guid eventId);
}

/// <summary>Defines <c>webhook.events</c>, which counts runs of events by source and result.</summary>
internal static class EventMetrics
{
    private static readonly Counter<long> Events =
        WebhookTelemetry.Meter.CreateCounter<long>(
            "webhook.events", "{event}", "Runs of events by source and result: processed, ignored or failed.");

    // The type is not a tag: senders choose types, and each would create a time series.
    public static void Count(string source, string result) =>
        Events.Add(1, new("source", source), new("result", result));
}
