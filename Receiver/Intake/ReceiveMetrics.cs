using System.Diagnostics.Metrics;
using Aspire.Webhooks.ServiceDefaults.Telemetry;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// <c>webhook.requests</c> counts requests by source and result. <c>webhook.idempotency.failures</c> counts failed calls to the
/// cache of delivery ids by reason.
/// </summary>
internal static class ReceiveMetrics
{
    private static readonly Counter<long> Requests =
        WebhookTelemetry.Meter.CreateCounter<long>("webhook.requests", "{request}", "Webhook requests by source and result.");

    private static readonly Counter<long> HintFailures = WebhookTelemetry.Meter.CreateCounter<long>(
        "webhook.idempotency.failures", "{call}", "Failed calls to the cache of delivery ids by reason.");

    // Those that alerts and dashboards ask for. Others begin when they first occur.
    private static readonly string[] KnownResults = ["created", "duplicate", "invalid_signature", "busy"];

    /// <summary>Counts 0 for the results of a source. See <see cref="FirstValues"/>.</summary>
    public static void Begin(string source)
    {
        foreach (var result in KnownResults)
        {
            Requests.Add(0, new("source", source), new("result", result));
        }
    }

    public static void Count(string source, string result) =>
        Requests.Add(1, new("source", source), new("result", result));

    public static void HintFailed(string reason) =>
        HintFailures.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
