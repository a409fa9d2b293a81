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
        WebhookTelemetry.CreateDuration("webhook.job.duration", "Time that a run of a job took.");

    private static readonly Gauge<double> DueAges =
        WebhookTelemetry.Meter.CreateGauge<double>(
            "webhook.jobs.due_age", "s", "Time that the oldest due job has been due; 0 when none is.");

    private static readonly string[] Outcomes =
    [
        JobStates.Done, JobStates.Ignored, JobStates.Waiting, JobStates.Buried, "retried", "interrupted", "postponed",
        "handed_back",
    ];

    /// <summary>Counts 0 for each outcome. See <see cref="FirstValues"/>.</summary>
    public static void Begin(JobKind kind)
    {
        foreach (var outcome in Outcomes)
        {
            SettledJobs.Add(0, new("kind", kind.Name()), new("outcome", outcome));
        }
    }

    public static void Settled(JobKind kind, JobOutcome outcome) =>
        SettledJobs.Add(1, new("kind", kind.Name()), new("outcome", outcome.Name));

    public static void Ran(JobKind kind, TimeSpan duration) =>
        Durations.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("kind", kind.Name()));

    public static void DueFor(JobKind kind, TimeSpan age) =>
        DueAges.Record(age.TotalSeconds, new KeyValuePair<string, object?>("kind", kind.Name()));
}
