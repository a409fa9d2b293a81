using System.Diagnostics.Metrics;
using Aspire.Webhooks.ServiceDefaults.Telemetry;

namespace Aspire.Webhooks.Queue;

/// <summary>
/// The metrics of jobs: <c>webhook.jobs.settled</c> by kind and outcome, <c>webhook.job.duration</c> by kind, and
/// <c>webhook.jobs.due_age</c> by kind, which is how long the oldest due job has been due.
/// </summary>
internal static class JobMetrics
{
    private static readonly Counter<long> SettledJobs =
        WebhookTelemetry.Meter.CreateCounter<long>("webhook.jobs.settled", "{job}", "Settled runs of jobs by kind and outcome.");

    private static readonly Histogram<double> Durations =
        WebhookTelemetry.Meter.CreateHistogram<double>("webhook.job.duration", "s", "Time that a run of a job took.");

    private static readonly Gauge<double> DueAges =
        WebhookTelemetry.Meter.CreateGauge<double>(
            "webhook.jobs.due_age", "s", "Time that the oldest due job has been due; 0 when none is.");

    public static void Settled(JobKind kind, JobOutcome outcome) =>
        SettledJobs.Add(1, new("webhook.job.kind", kind.Name()), new("webhook.job.outcome", outcome.Name));

    public static void Ran(JobKind kind, TimeSpan duration) =>
        Durations.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("webhook.job.kind", kind.Name()));

    public static void DueFor(JobKind kind, TimeSpan age) =>
        DueAges.Record(age.TotalSeconds, new KeyValuePair<string, object?>("webhook.job.kind", kind.Name()));
}
