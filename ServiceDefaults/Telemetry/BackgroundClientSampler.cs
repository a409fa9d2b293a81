using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Aspire.Webhooks.ServiceDefaults.Telemetry;

/// <summary>
/// Samples spans without a parent. A client call without a request or job as its parent is a poll, and a few polls per second
/// would bury other traces, so they are dropped. HTTP calls are kept: they propagate the decision, and the receiver would drop
/// its spans too.
/// </summary>
internal sealed class BackgroundClientSampler : Sampler
{
    private const string HttpRequest = "System.Net.Http.HttpRequestOut";

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(samplingParameters is { Kind: ActivityKind.Client, Name: not HttpRequest }
            ? SamplingDecision.Drop
            : SamplingDecision.RecordAndSample);
}
