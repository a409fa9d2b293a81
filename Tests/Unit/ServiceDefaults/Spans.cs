using System.Collections.Concurrent;
using System.Diagnostics;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>Activity sources are found by name in the whole process, so tests that look at spans run alone.</summary>
[CollectionDefinition(nameof(ProcessWideTelemetry), DisableParallelization = true)]
public sealed class ProcessWideTelemetry;

/// <summary>Keeps the spans that an exporter would get.</summary>
internal sealed class Spans : BaseExporter<Activity>
{
    private readonly ConcurrentQueue<Activity> _spans = [];

    public IReadOnlyCollection<Activity> All => _spans;

    public override ExportResult Export(in Batch<Activity> batch)
    {
        foreach (var span in batch)
        {
            _spans.Enqueue(span);
        }

        return ExportResult.Success;
    }

    public void AddTo(IServiceCollection services) => services.ConfigureOpenTelemetryTracerProvider(
        tracing => tracing.AddProcessor(new SimpleActivityExportProcessor(this)));

    public async Task<Activity> FirstAsync(Func<Activity, bool> predicate)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Eventually.Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            // A span ends after its response was sent.
            if (_spans.FirstOrDefault(predicate) is { } span)
            {
                return span;
            }

            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}
