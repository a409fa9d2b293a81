namespace Aspire.Webhooks.Series;

/// <summary>
/// A series: rows of a table that are counted by a time. Rows of the past do not change, so the Worker summarises each minute
/// once, and only what came later is counted when the series is read.
/// </summary>
/// <param name="Name">The name in the API and in the tables.</param>
/// <param name="Meaning">What is counted.</param>
/// <param name="Rows">The query of the rows: <c>at</c>, the <c>label</c>, and the duration in <c>ms</c> or null. It finds them by
/// an index. Parameters: <c>$1</c> and <c>$2</c> are the time span, <c>$3</c> and <c>$4</c> the bounds of the ids of that
/// span.</param>
public sealed record SeriesDefinition(string Name, string Meaning, string Rows)
{
    /// <summary>The events of a source, by the time of receipt.</summary>
    public static readonly SeriesDefinition Received = new(
        "received", "events that were received",
        "select received_at as at, source as label, null::float8 as ms from webhooks.inbound_events "
            + "where id >= $3 and id < $4 and received_at >= $1 and received_at < $2");

    public static readonly SeriesDefinition Rejected = new(
        "rejected", "requests that were refused, as far as they are remembered",
        "select received_at as at, source as label, null::float8 as ms from webhooks.rejected_requests "
            + "where id >= $3 and id < $4 and received_at >= $1 and received_at < $2");

    public static readonly SeriesDefinition Processed = new(
        "processed", "events that were processed, with the time since their receipt", Jobs("done", "kind = 'event'"));

    public static readonly SeriesDefinition Ignored = new(
        "ignored", "events that nothing was interested in", Jobs("ignored", "kind = 'event'"));

    public static readonly SeriesDefinition Buried = new(
        "buried", "events that were given up, with the time since their receipt", Jobs("buried", "kind = 'event'"));

    public static readonly SeriesDefinition TasksCompleted = new(
        "tasks_completed", "agent tasks that were completed, with the time since they were made",
        Jobs("done", "kind in ('task', 'external')"));

    public static readonly SeriesDefinition TasksBuried = new(
        "tasks_buried", "agent tasks that were given up, with the time since they were made",
        Jobs("buried", "kind in ('task', 'external')"));

    public static readonly SeriesDefinition Delivered = new(
        "delivered", "attempts that succeeded, with the time of the answer", Attempts("= 'delivered'"));

    public static readonly SeriesDefinition Failed = new(
        "failed", "attempts that failed, with the time until the failure", Attempts("not in ('delivered', 'interrupted')"));

    /// <summary>The series of the Receiver. Their labels are sources.</summary>
    public static IReadOnlyList<SeriesDefinition> OfReceiver { get; } = [Received, Rejected];

    /// <summary>The series of the Worker. Their labels are sources.</summary>
    public static IReadOnlyList<SeriesDefinition> OfWorker { get; } = [Processed, Ignored, Buried, TasksCompleted, TasksBuried];

    /// <summary>The series of the Sender. Their labels are the ids of endpoints.</summary>
    public static IReadOnlyList<SeriesDefinition> OfSender { get; } = [Delivered, Failed];

    public static IReadOnlyList<SeriesDefinition> All { get; } = [.. OfReceiver, .. OfWorker, .. OfSender];

    // Replays are left out: the time since the receipt would be that of the replay. Events and tasks have ids that begin with
    // the milliseconds since 1970, so that no row of theirs is read.
    private static string Jobs(string ended, string kind) =>
        "select finished_at as at, lane as label, extract(epoch from finished_at)::float8 * 1000 "
            + "- ('x' || translate(left(ref_id::text, 13), '-', ''))::bit(48)::bigint as ms from webhooks.jobs "
            + $"where ended = '{ended}' and {kind} and kind <> 'delivery' and replay_id is null "
            + "and finished_at >= $1 and finished_at < $2";

    // Where the label is not asked for, Postgres leaves the join out.
    private static string Attempts(string outcome) =>
        "select logged_at as at, delivery.endpoint_id::text as label, duration_ms::float8 as ms "
            + "from webhooks.delivery_attempts attempt left join webhooks.deliveries delivery on delivery.id = delivery_id "
            + $"where outcome {outcome} and logged_at >= $1 and logged_at < $2";
}
