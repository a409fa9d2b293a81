using System.Diagnostics.Metrics;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Counts what became of requests: <c>webhook.requests</c> by source and result.</summary>
internal static class ReceiveMetrics
{
    private static readonly Counter<long> Requests =
        WebhookTelemetry.Meter.CreateCounter<long>("webhook.requests", "{request}", "Webhook requests by source and result.");

    public static void Count(string source, string result) =>
        Requests.Add(1, new("webhook.source", source), new("webhook.result", result));
}
