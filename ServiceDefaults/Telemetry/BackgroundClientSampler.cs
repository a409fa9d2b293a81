using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Aspire.Webhooks.ServiceDefaults.Telemetry;

/// <summary>Decides on spans without a parent. A client call that no request or job caused is a poll: at a few per second
/// polls would bury the traces that people look for.</summary>
sealed class BackgroundClientSampler : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(samplingParameters.Kind == ActivityKind.Client ? SamplingDecision.Drop : SamplingDecision.RecordAndSample);
}
