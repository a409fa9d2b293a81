using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Queue;

/// <summary>Lanes that have due jobs.</summary>
/// <param name="Lanes">Their names.</param>
/// <param name="Next">Where to go on; null when these are all.</param>
/// <param name="DueFor">How long the oldest job among them has been due.</param>
internal sealed record DueLanes(IReadOnlyList<string> Lanes, string? Next, TimeSpan DueFor);

/// <summary>
/// What holds for a lane as a whole, in <c>webhooks.lanes</c>: one row, however many jobs wait. A lane is held, slow, or neither,
/// and then has no row. What a lane stands for, and when it is held, is known to whoever handles its jobs.
/// </summary>
public static class JobLanes
{
    // A sequential scan never pays here, and a plan that was made when the table was empty would be one.
    private const string NoScanSql = "select set_config('enable_seqscan', 'off', true)";

    // How many lanes one search looks at: 10 µs each.
    private const int LanesAtOnce = 1000;

    // One index probe for each lane that has open jobs, however many these are: a lane of a million hides nobody's.
    private const string FindDueSql = $"""
        with recursive head as (
                (select lane, due_at, 1 as position from webhooks.jobs
                 where kind = $1 and {JobSql.Free} and (lane, due_at) > ($2, $3)
                 order by lane, due_at limit 1)
            union all
                select next.lane, next.due_at, position + 1 from head, lateral (
                    select lane, due_at from webhooks.jobs
                    where kind = $1 and {JobSql.Free} and lane > head.lane
                    order by lane, due_at limit 1) next
                where position < $4)
        select head.lane, head.due_at <= now() and held_until is null, now() - head.due_at
        from head left join webhooks.lanes known on known.kind = $1 and known.lane = head.lane
        order by position
        """;

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

    /// <summary>Finds lanes that have due jobs and are not held.</summary>
    /// <param name="database">Where the jobs are.</param>
    /// <param name="kind">The kind of job.</param>
    /// <param name="after">The lane to go on behind; null to begin with the first.</param>
    internal static async Task<DueLanes> FindDueAsync(NpgsqlDataSource database, JobKind kind, string? after, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var command = new NpgsqlBatchCommand(FindDueSql);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(NoScanSql), command } };
        command.Parameters.Add(new() { Value = kind.Name() });
        command.Parameters.Add(new() { Value = after ?? "" });
        command.Parameters.Add(new() { Value = after is null ? DateTime.MinValue : DateTime.MaxValue, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new() { Value = LanesAtOnce });
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var (due, seen, last, oldest) = (new List<string>(), 0, "", TimeSpan.Zero);
        for (; await reader.ReadAsync(cancellationToken); seen++)
        {
            last = reader.GetString(0);
            if (reader.GetBoolean(1))
            {
                due.Add(last);
                var dueFor = reader.GetTimeSpan(2);
                oldest = dueFor > oldest ? dueFor : oldest;
            }
        }

        return new(due, seen == LanesAtOnce ? last : null, oldest);
    }

    private static NpgsqlBatchCommand Of(string sql, JobKind kind, string lane) =>
        new(sql) { Parameters = { new() { Value = kind.Name() }, new() { Value = lane } } };
}
