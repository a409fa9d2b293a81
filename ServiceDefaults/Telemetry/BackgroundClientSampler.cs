using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Aspire.Webhooks.ServiceDefaults.Telemetry;

/// <summary>Decides on spans without a parent. A client call that no request or job caused is a poll: at a few per second
/// polls would bury the traces that people look for. Requests by HTTP stay: they carry the decision along, and their receiver
/// would drop its spans too.</summary>
internal sealed class BackgroundClientSampler : Sampler
{
    private const string HttpRequest = "System.Net.Http.HttpRequestOut";

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(samplingParameters is { Kind: ActivityKind.Client, Name: not HttpRequest }
            ? SamplingDecision.Drop
            : SamplingDecision.RecordAndSample);
}
