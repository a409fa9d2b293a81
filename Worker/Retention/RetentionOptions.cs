using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Aspire.Webhooks.Worker.Retention;

/// <summary>
/// How long data is kept. 0 keeps it for ever. Data that an open job needs is kept until the job ends. Section
/// <c>Webhooks:Retention</c>.
/// </summary>
public sealed class RetentionOptions
{
    public const string Section = "Webhooks:Retention";

    /// <summary>How long the content of events is kept: body, headers and phone message. The events stay.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan Bodies { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How long the steps, approvals and results of agent tasks are kept. Files of transcripts are deleted after the shortest of
    /// these times of all sources.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan Steps { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How long events, their tasks and replays are kept. A delivery id is known as a duplicate for as long. At least
    /// <see cref="Bodies"/>, <see cref="Steps"/>, <c>Webhooks:Idempotency:Ttl</c>, and the source's <c>DeduplicationWindow</c>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan Ledger { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// How long jobs that are done are kept. Jobs that ended otherwise are kept as long as their event, task or delivery, and
    /// jobs of replays as long as their event.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan Jobs { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long messages, their deliveries and attempts are kept, and endpoints after a merchant has deleted them.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan Messages { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long the audit is kept.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan Audit { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How long the counts of series are kept, by the hour. Those by the minute are kept for a day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan Series { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How often data is deleted. One Worker does it at a time.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How many events, jobs, tasks or messages one statement deletes. After each, the deletion pauses for as long as it took.
    /// </summary>
    [Range(1, 10_000)]
    public int BatchSize { get; set; } = 500;

    /// <summary>Settings of single sources, by their names.</summary>
    public Dictionary<string, SourceRetentionOptions> Sources { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns how long the content of a source's events is kept.</summary>
    public TimeSpan BodiesOf(string source) => Sources.GetValueOrDefault(source)?.Bodies ?? Bodies;

    /// <summary>Returns how long the steps of a source's tasks are kept.</summary>
    public TimeSpan StepsOf(string source) => Sources.GetValueOrDefault(source)?.Steps ?? Steps;

    /// <summary>Returns how long a source's events are kept.</summary>
    public TimeSpan LedgerOf(string source) => Sources.GetValueOrDefault(source)?.Ledger ?? Ledger;

    /// <summary>Returns the errors of settings that contradict each other.</summary>
    public IEnumerable<string> Errors(IConfiguration configuration)
    {
        const string TtlKey = "Webhooks:Idempotency:Ttl";
        const string SourcesKey = "Webhooks:Sources";
        const string WindowKey = "DeduplicationWindow";
        var names = Sources.Keys.Concat(
            configuration.GetSection(SourcesKey).GetChildren().Where(source => source[WindowKey] is not null)
                .Select(source => source.Key));
        foreach (var source in names.Distinct(StringComparer.OrdinalIgnoreCase).Prepend(""))
        {
            var key = Sources.GetValueOrDefault(source)?.Ledger is null ? Section : $"{Section}:Sources:{source}";
            var ledger = LedgerOf(source);
            if (ledger == TimeSpan.Zero)
            {
                continue;
            }

            (string, TimeSpan)[] all =
                [(nameof(Bodies), BodiesOf(source)), (nameof(Steps), StepsOf(source)), (TtlKey, Dedupe(TtlKey))];
            var window = $"{SourcesKey}:{source}:{WindowKey}";
            foreach (var (name, shorter) in source.Length == 0 ? all : [.. all, (window, Dedupe(window))])
            {
                if (shorter == TimeSpan.Zero || shorter > ledger)
                {
                    yield return $"{key}:{nameof(Ledger)} is 0 or at least {name}{(source.Length == 0 ? "" : $" of {source}")}.";
                }
            }
        }

        // The Receiver's settings, whose default is a day. It may be configured elsewhere.
        TimeSpan Dedupe(string setting) =>
            TimeSpan.TryParse(configuration[setting], CultureInfo.InvariantCulture, out var parsed) && parsed > TimeSpan.Zero
                ? parsed
                : TimeSpan.FromDays(1);
    }
}

/// <summary>
/// How long data of one source is kept. A time that is not set is that of all sources. Section
/// <c>Webhooks:Retention:Sources:{source}</c>.
/// </summary>
public sealed class SourceRetentionOptions
{
    /// <summary>As <see cref="RetentionOptions.Bodies"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan? Bodies { get; set; }

    /// <summary>As <see cref="RetentionOptions.Steps"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan? Steps { get; set; }

    /// <summary>As <see cref="RetentionOptions.Ledger"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan? Ledger { get; set; }
}
