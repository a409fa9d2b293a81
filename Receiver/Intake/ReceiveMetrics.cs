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

    public static void Count(string source, string result) =>
        Requests.Add(1, new("webhook.source", source), new("webhook.result", result));

    public static void HintFailed(string reason) =>
        HintFailures.Add(1, new KeyValuePair<string, object?>("webhook.reason", reason));
}
