using System.Diagnostics.Metrics;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>Counts what became of events: <c>webhook.events</c> by source and result.</summary>
internal static class EventMetrics
{
    private static readonly Counter<long> Events =
        WebhookTelemetry.Meter.CreateCounter<long>("webhook.events", "{event}", "Runs of events by source and result: processed, ignored or failed.");

    // Not by type: a sender chooses types, and each would be a series of its own.
    public static void Count(string source, string result) => Events.Add(1, new("webhook.source", source), new("webhook.result", result));
}
