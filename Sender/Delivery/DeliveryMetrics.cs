using System.Diagnostics.Metrics;
using Aspire.Webhooks.ServiceDefaults.Telemetry;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>
/// Defines <c>webhook.delivery.attempts</c> by outcome, <c>webhook.delivery.attempt.duration</c>, <c>webhook.deliveries</c> by
/// result, <c>webhook.delivery.attempts_per_delivery</c> and <c>webhook.delivery.latency</c>. No tag names an endpoint or a
/// merchant, which would create a time series for each customer.
/// </summary>
internal static class DeliveryMetrics
{
    private static readonly Counter<long> Attempts =
        WebhookTelemetry.Meter.CreateCounter<long>("webhook.delivery.attempts", "{attempt}", "Attempts by outcome.");

    private static readonly Histogram<double> Durations =
        WebhookTelemetry.CreateDuration("webhook.delivery.attempt.duration", "Duration of an attempt.");

    private static readonly Counter<long> Deliveries =
        WebhookTelemetry.Meter.CreateCounter<long>(
            "webhook.deliveries", "{delivery}", "Finished deliveries by result.");

    private static readonly Histogram<double> Latencies =
        WebhookTelemetry.CreateDuration("webhook.delivery.latency", "Time from publishing a message to its delivery.");

    private static readonly Histogram<int> AttemptsPerDelivery = WebhookTelemetry.Meter.CreateHistogram(
        "webhook.delivery.attempts_per_delivery", "{attempt}", "Attempts that a delivery took until it ended.", tags: null,
        new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 21] });

    /// <summary>Counts 0 for each outcome and result. See <see cref="FirstValues"/>.</summary>
    public static void Begin()
    {
        foreach (var outcome in Enum.GetValues<AttemptOutcome>())
        {
            Attempts.Add(0, new KeyValuePair<string, object?>("outcome", outcome.Name()));
        }

        foreach (var result in (string[])["delivered", "failed", "skipped"])
        {
            Count(0, result);
        }
    }

    public static void Attempted(AttemptResult attempt)
    {
        Attempts.Add(1, new KeyValuePair<string, object?>("outcome", attempt.Outcome.Name()));
        Durations.Record(attempt.Duration.TotalSeconds);
    }

    public static void Delivered(TimeSpan latency, int attempts)
    {
        Ended("delivered", attempts);
        Latencies.Record(latency.TotalSeconds);
    }

    public static void Failed(int attempts) => Ended("failed", attempts);

    public static void Skipped() => Count(1, "skipped");

    private static void Ended(string result, int attempts)
    {
        Count(1, result);
        AttemptsPerDelivery.Record(attempts, new KeyValuePair<string, object?>("result", result));
    }

    private static void Count(int count, string result) =>
        Deliveries.Add(count, new KeyValuePair<string, object?>("result", result));
}
