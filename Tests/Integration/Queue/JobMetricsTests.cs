using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Queue;

public sealed class JobMetricsTests(TestStack stack)
{
    // Other tests' jobs are measured at the same time; none of theirs is handed back from outside, or ten days old.
    [Fact]
    public async Task Outcomes_durations_and_the_age_of_the_oldest_due_job_are_measured()
    {
        var measured = new ConcurrentQueue<(string Instrument, double Value, string? Kind, string? Outcome)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == WebhookTelemetry.Meter && instrument.Name.StartsWith("webhook.job", StringComparison.Ordinal))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();

        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.SettleAsync(await jobs.EnqueueAndClaimAsync(JobKind.External), JobOutcome.HandBack(), JobKind.External);
        await jobs.EnqueueAsync(2);
        await jobs.ExecuteAsync("update webhooks.jobs set due_at = now() - interval '10 days' where kind = 'event'");
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            await go.Task.WaitAsync(cancellation);
            return JobOutcome.Done();
        });
        await using var pump = await PumpHost.StartAsync(
            jobs.ConnectionString, await stack.RedisAsync(), handler, ("PerLane", "1"), ("Lease", "00:00:01"));

        await HasAsync("webhook.jobs.settled", m => m is { Kind: "external", Outcome: "handed_back", Value: 1 });
        await HasAsync("webhook.jobs.due_age", m => m.Kind == "event" && m.Value >= TimeSpan.FromDays(10).TotalSeconds);
        go.SetResult();
        await HasAsync("webhook.job.duration", m => m is { Kind: "event", Value: > 0 });
        await HasAsync("webhook.jobs.settled", m => m is { Kind: "event", Outcome: "done" });

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string? kind = null, outcome = null;
            foreach (var (key, tag) in tags)
            {
                kind = key == "webhook.job.kind" ? tag as string : kind;
                outcome = key == "webhook.job.outcome" ? tag as string : outcome;
            }

            measured.Enqueue((instrument.Name, value, kind, outcome));
        }

        Task HasAsync(string instrument, Func<(string Instrument, double Value, string? Kind, string? Outcome), bool> wanted) =>
            Eventually.HoldsAsync($"{instrument} is measured", () => Task.FromResult(measured.Any(m => m.Instrument == instrument && wanted(m))));
    }
}
