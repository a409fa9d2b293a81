using System.Diagnostics.Metrics;
using Aspire.Webhooks.ServiceDefaults.Telemetry;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>
/// Defines <c>webhook.delivery.attempts</c> by outcome, <c>webhook.delivery.attempt.duration</c>, <c>webhook.deliveries</c> by
/// result, and <c>webhook.delivery.latency</c>. No tag names an endpoint or a merchant, which would create a time series for
/// each customer.
/// </summary>
internal static class DeliveryMetrics
{
    private static readonly Counter<long> Attempts =
        WebhookTelemetry.Meter.CreateCounter<long>("webhook.delivery.attempts", "{attempt}", "Attempts by outcome.");

    private static readonly Histogram<double> Durations =
        WebhookTelemetry.Meter.CreateHistogram<double>("webhook.delivery.attempt.duration", "s", "Duration of an attempt.");

    private static readonly Counter<long> Deliveries =
        WebhookTelemetry.Meter.CreateCounter<long>(
            "webhook.deliveries", "{delivery}", "Finished deliveries by result.");

    private static readonly Histogram<double> Latencies =
        WebhookTelemetry.Meter.CreateHistogram<double>(
            "webhook.delivery.latency", "s", "Time from publishing a message to its delivery.");

    public static void Attempted(AttemptResult attempt)
    {
        Attempts.Add(1, new KeyValuePair<string, object?>("webhook.outcome", attempt.Outcome.Name()));
        Durations.Record(attempt.Duration.TotalSeconds);
    }

    public static void Delivered(TimeSpan latency)
    {
        Ended("delivered");
        Latencies.Record(latency.TotalSeconds);
    }

    public static void Ended(string result) => Deliveries.Add(1, new KeyValuePair<string, object?>("webhook.result", result));
}
