using Npgsql;

namespace Aspire.Webhooks.Queue;

/// <summary>
/// What holds for a lane as a whole, in <c>webhooks.lanes</c>: one row, however many jobs wait. A lane is held, slow, or neither,
/// and then has no row. What a lane stands for, and when it is held, is known to whoever handles its jobs.
/// </summary>
public static class JobLanes
{
    private const string HoldSql = """
        insert into webhooks.lanes as known (kind, lane, held_until, slow) values ($1, $2, now() + $3, true)
        on conflict (kind, lane) do update
        set held_until = case when known.held_until > now() and not $4 then known.held_until else excluded.held_until end, slow = true
        """;

    private const string ReleaseSql = "delete from webhooks.lanes where kind = $1 and lane = $2";

    private const string SlowSql = """
        insert into webhooks.lanes as known (kind, lane, slow) values ($1, $2, true)
        on conflict (kind, lane) do update set slow = true where not known.slow
        """;

    private const string QuickSql = "delete from webhooks.lanes where kind = $1 and lane = $2 and held_until is null";

    /// <summary>
    /// Holds a lane: none of its jobs is claimed for so long; then one alone (<see cref="LeasedJob.IsTrial"/>), whose success has to
    /// release the lane and whose failure has to hold it again. A lane that is held already stays held as long as it is.
    /// </summary>
    /// <param name="kind">The kind of job.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="time">For how long.</param>
    /// <param name="isTrial">Whether the trial's outcome says so, which counts although the lane is held.</param>
    public static NpgsqlBatchCommand Hold(JobKind kind, string lane, TimeSpan time, bool isTrial) => new(HoldSql)
    {
        Parameters = { new() { Value = kind.Name() }, new() { Value = lane }, new() { Value = time }, new() { Value = isTrial } },
    };

    /// <summary>Ends a hold; the lane is not slow either. Its jobs are claimed at once by whoever is told by a wake-up.</summary>
    public static NpgsqlBatchCommand Release(JobKind kind, string lane) => Of(ReleaseSql, kind, lane);

    /// <summary>Makes a lane slow: its jobs run at places of their own.</summary>
    internal static NpgsqlBatchCommand Slow(JobKind kind, string lane) => Of(SlowSql, kind, lane);

    /// <summary>Makes a lane quick again, unless it is held.</summary>
    internal static NpgsqlBatchCommand Quick(JobKind kind, string lane) => Of(QuickSql, kind, lane);

    private static NpgsqlBatchCommand Of(string sql, JobKind kind, string lane) =>
        new(sql) { Parameters = { new() { Value = kind.Name() }, new() { Value = lane } } };
}
