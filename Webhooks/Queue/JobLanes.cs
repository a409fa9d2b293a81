using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Queue;

/// <summary>Lanes that have due jobs.</summary>
/// <param name="Lanes">Their names.</param>
/// <param name="Next">The lane after which the next search continues; null when there are no more lanes.</param>
/// <param name="DueFor">How long the oldest due job of these lanes has been due.</param>
internal sealed record DueLanes(IReadOnlyList<string> Lanes, string? Next, TimeSpan DueFor);

/// <summary>
/// The state of each lane in <c>webhooks.lanes</c>: one row, however many jobs wait. A lane without a row is neither held nor
/// slow. The handler of the jobs knows what a lane stands for and when to hold it.
/// </summary>
public static class JobLanes
{
    /// <summary>How many lanes one statement looks at where others wait for the processor: each takes 10 µs.</summary>
    internal const int FewLanes = 100;

    /// <summary>The same where nobody waits.</summary>
    internal const int ManyLanes = 1000;

    // Makes one index probe per lane that has open jobs, however many jobs it has: a lane with a million does not slow down the
    // search.
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
        set held_until = case when known.held_until > now() and (not $4 or known.paused_at is not null) then known.held_until
                              else excluded.held_until end,
            slow = true
        """;

    private const string ReleaseSql = "delete from webhooks.lanes where kind = $1 and lane = $2 and paused_at is null";

    // A pause is a hold without an end, so claims need to know nothing of it.
    private const string PauseSql = """
        insert into webhooks.lanes as known (kind, lane, held_until, paused_at) values ($1, $2, 'infinity', now())
        on conflict (kind, lane) do update set held_until = 'infinity', paused_at = now() where known.paused_at is null
        """;

    private const string ResumeSql = "delete from webhooks.lanes where kind = $1 and lane = $2 and paused_at is not null";

    private const string SlowSql = """
        insert into webhooks.lanes as known (kind, lane, slow) values ($1, $2, true)
        on conflict (kind, lane) do update set slow = true where not known.slow
        """;

    private const string QuickSql = "delete from webhooks.lanes where kind = $1 and lane = $2 and held_until is null";

    /// <summary>
    /// Makes the command that holds a lane: none of its jobs is claimed for a time. Then a single job is claimed, the trial
    /// (<see cref="LeasedJob.IsTrial"/>). The handler must release the lane when the trial succeeds, and hold it again when it
    /// fails. The hold of a lane that is held already is not changed, unless the trial asks for it.
    /// </summary>
    /// <param name="kind">The kind of job.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="time">How long to hold it.</param>
    /// <param name="isTrial">Whether the job that asks is the trial.</param>
    public static NpgsqlBatchCommand Hold(JobKind kind, string lane, TimeSpan time, bool isTrial) => new(HoldSql)
    {
        Parameters = { new() { Value = kind.Name() }, new() { Value = lane }, new() { Value = time }, new() { Value = isTrial } },
    };

    /// <summary>
    /// Makes the command that releases a lane: it is neither held nor slow. A wake-up lets its jobs begin at once. A paused lane
    /// stays paused.
    /// </summary>
    public static NpgsqlBatchCommand Release(JobKind kind, string lane) => Of(ReleaseSql, kind, lane);

    /// <summary>
    /// Makes the command that pauses a lane: none of its jobs is claimed until <see cref="Resume"/>, whatever trials do. Jobs
    /// that were claimed before still run. It changes no row when the lane is paused already.
    /// </summary>
    public static NpgsqlBatchCommand Pause(JobKind kind, string lane) => Of(PauseSql, kind, lane);

    /// <summary>
    /// Makes the command that ends a pause. A wake-up lets the jobs begin at once. It changes no row when the lane is not paused.
    /// </summary>
    public static NpgsqlBatchCommand Resume(JobKind kind, string lane) => Of(ResumeSql, kind, lane);

    /// <summary>Makes the command that makes a lane slow: its jobs run at places of their own.</summary>
    internal static NpgsqlBatchCommand Slow(JobKind kind, string lane) => Of(SlowSql, kind, lane);

    /// <summary>Makes the command that makes a lane quick again, unless it is held.</summary>
    internal static NpgsqlBatchCommand Quick(JobKind kind, string lane) => Of(QuickSql, kind, lane);

    /// <summary>Finds lanes that have due jobs and are not held.</summary>
    /// <param name="database">The database of the jobs.</param>
    /// <param name="kind">The kind of job.</param>
    /// <param name="after">The lane after which to continue; null to begin with the first.</param>
    /// <param name="lanes">The most lanes to look at.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    internal static async Task<DueLanes> FindDueAsync(
        NpgsqlDataSource database, JobKind kind, string? after, int lanes, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var command = new NpgsqlBatchCommand(FindDueSql);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new($"select {JobSql.PlanSettings}"), command } };
        command.Parameters.Add(new() { Value = kind.Name() });
        command.Parameters.Add(new() { Value = after ?? "" });
        command.Parameters.Add(new()
        {
            Value = after is null ? DateTime.MinValue : DateTime.MaxValue, NpgsqlDbType = NpgsqlDbType.TimestampTz,
        });
        command.Parameters.Add(new() { Value = lanes });
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

        return new(due, seen == lanes ? last : null, oldest);
    }

    private static NpgsqlBatchCommand Of(string sql, JobKind kind, string lane) =>
        new(sql) { Parameters = { new() { Value = kind.Name() }, new() { Value = lane } } };
}
