using System.Diagnostics.Metrics;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class MetricTagTests
{
    [Fact]
    public void What_a_models_server_answers_is_no_metrics_tag()
    {
        const string Name = "Aspire.Webhooks.MetricTagTests";
        using var meter = new Meter(Name);
        using var exported = new Tags();
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(Name).AddBoundedTags(Name)
            .AddReader(new BaseExportingMetricReader(exported)).Build();

        meter.CreateHistogram<int>("gen_ai.client.token.usage").Record(
            7, new("gen_ai.request.model", "set"), new("gen_ai.response.model", "anything"), new("gen_ai.token.type", "input"));
        meter.CreateCounter<int>("webhook.events").Add(1, new KeyValuePair<string, object?>("webhook.source", "github"));
        provider.ForceFlush();

        Assert.Equal(
            ["gen_ai.request.model=set", "gen_ai.token.type=input", "webhook.source=github"],
            exported.All.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    private sealed class Tags : BaseExporter<Metric>
    {
        public List<string> All { get; } = [];

        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    foreach (var tag in point.Tags)
                    {
                        All.Add($"{tag.Key}={tag.Value}");
                    }
                }
            }

            return ExportResult.Success;
        }
    }
}
