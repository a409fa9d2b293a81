using Npgsql;

namespace Aspire.Webhooks.Jobs;

public sealed partial class JobQueue
{
    // Which lanes have due jobs: those of the oldest 2000, and where these are so many of so few lanes that others may
    // stand behind them, every lane, one index probe each. So the usual claim costs the same whatever waits for a later
    // time, and a million jobs of one lane hide nobody's: 14 ms among 1000 lanes, 0.6 ms among 10.
    // Lanes with the fewest jobs in this process come first. Each gives a like share, so that a claim for all places
    // does not go to one of them; what that leaves free is claimed next.
    // What is slow is claimed apart: however much of it is due, a claim of the rest does not come across it.
    // Rows are locked one by one until there are enough: what is not taken is not locked. SKIP LOCKED lets claimers pass
    // each other; the token is what settle and renew must show.
    private const string ClaimSql = $"""
        with recursive oldest as (
            select lane, min(due_at) as due_at, count(*) as jobs
            from (select lane, due_at from webhooks.jobs
                  where kind = $1 and slow = $8 and state in ('pending', 'waiting') and due_at <= now()
                  order by due_at limit 2000) job
            group by lane),
        every as (
                (select lane, due_at from webhooks.jobs
                 where kind = $1 and slow = $8 and state in ('pending', 'waiting')
                     and (select sum(jobs) = 2000 and count(*) < $2 + cardinality($4) from oldest)
                 order by lane, due_at limit 1)
            union all
                select next.lane, next.due_at from every, lateral (
                    select lane, due_at from webhooks.jobs
                    where kind = $1 and slow = $8 and state in ('pending', 'waiting') and lane > every.lane
                    order by lane, due_at limit 1) next),
        open as (
            select lane, min(due_at) as due_at, coalesce(min(running), 0) as running,
                   least(coalesce(min(places), $7), ceil($2::numeric / count(*) over ())::int) as share
            from (select lane, due_at from oldest union all select lane, due_at from every where due_at <= now()) lanes
            left join unnest($4, $5, $6) as used (lane, running, places) using (lane)
            where coalesce(places, $7) > 0
            group by lane),
        due as (
            select job.id from (select * from open order by running, due_at) open, lateral (
                select id from webhooks.jobs
                where kind = $1 and slow = $8 and lane = open.lane and state in ('pending', 'waiting') and due_at <= now()
                order by due_at limit open.share
                for update skip locked) job
            limit $2)
        {StartSql}
        """;

    // A claim that a crash of the database forgets is one that its lease's end would have undone: settling refuses the token,
    // and what settles after it flushes it. So no job waits for the disk before it starts.
    private const string WithoutFlushSql = "select set_config('synchronous_commit', 'off', true)";

    // Nobody rescues the jobs of holders outside but who claims next.
    private const string ClaimOneSql = $"""
        with due as (
            select id from webhooks.jobs
            where kind = $1 and ref_id = $2
                and (state in ('pending', 'waiting') and due_at <= now() or state = 'running' and lease_until < now())
            order by id desc limit 1
            for update skip locked)
        {StartSql}
        """;

    private const string StartSql = """
        update webhooks.jobs job
        set state = 'running', attempt = attempt + 1, lease_token = gen_random_uuid(), lease_until = now() + $3
        from due where job.id = due.id
        returning job.id, job.ref_id, job.attempt, job.lease_token, job.lane, job.due_at
        """;

    /// <summary>Takes up to <paramref name="max"/> due jobs, of each lane the oldest first, for the time of a lease.</summary>
    public Task<IReadOnlyList<LeasedJob>> ClaimAsync(JobKind kind, int max, TimeSpan lease, CancellationToken cancellationToken) =>
        ClaimAsync(kind, slow: false, max, lease, [], max, cancellationToken);

    /// <summary>The same, passing over the jobs of lanes that have no place.</summary>
    /// <param name="kind">The kind of job.</param>
    /// <param name="slow">Whether to take those that are slow (<see cref="JobOutcome.IsSlow"/>), or those that are not.</param>
    /// <param name="max">The most to take. Fewer do not mean that there are no more; none does.</param>
    /// <param name="lease">For how long.</param>
    /// <param name="lanes">Lanes that run jobs already, or have places of their own.</param>
    /// <param name="perLane">The places of every other lane.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public async Task<IReadOnlyList<LeasedJob>> ClaimAsync(
        JobKind kind, bool slow, int max, TimeSpan lease, IReadOnlyList<LaneUse> lanes, int perLane, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(WithoutFlushSql));
        var command = new NpgsqlBatchCommand(ClaimSql);
        command.Parameters.Add(new() { Value = kind.Name() });
        command.Parameters.Add(new() { Value = max });
        command.Parameters.Add(new() { Value = lease });
        command.Parameters.Add(new() { Value = lanes.Select(use => use.Lane).ToArray() });
        command.Parameters.Add(new() { Value = lanes.Select(use => use.Running).ToArray() });
        command.Parameters.Add(new() { Value = lanes.Select(use => use.Places).ToArray() });
        command.Parameters.Add(new() { Value = perLane });
        command.Parameters.Add(new() { Value = slow });
        batch.BatchCommands.Add(command);

        // Once per pooled connection. Planning is the most of it otherwise: 0.8 ms for a claim that finds nothing, not 0.06.
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await ReadClaimedAsync(reader, cancellationToken);
    }

    /// <summary>
    /// For an agent outside: takes the job of that task, or the one that has been due longest. A job whose lease has run out
    /// can be taken, too.
    /// </summary>
    /// <param name="kind">The kind of job.</param>
    /// <param name="refId">The task; null for any.</param>
    /// <param name="lease">For how long.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <returns>Null when there is none to take.</returns>
    public async Task<LeasedJob?> ClaimOneAsync(JobKind kind, Guid? refId, TimeSpan lease, CancellationToken cancellationToken)
    {
        if (refId is not { } wanted)
        {
            await RescueAsync(kind, cancellationToken);
            return (await ClaimAsync(kind, 1, lease, cancellationToken)).SingleOrDefault();
        }

        await using var command = database.CreateCommand(ClaimOneSql);
        command.Parameters.Add(new() { Value = kind.Name() });
        command.Parameters.Add(new() { Value = wanted });
        command.Parameters.Add(new() { Value = lease });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return (await ReadClaimedAsync(reader, cancellationToken)).SingleOrDefault();
    }

    private static async Task<IReadOnlyList<LeasedJob>> ReadClaimedAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var jobs = new List<(DateTime DueAt, LeasedJob Job)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var job = new LeasedJob(reader.GetInt64(0), reader.GetGuid(1), reader.GetInt32(2), reader.GetGuid(3), reader.GetString(4));
            jobs.Add((reader.GetDateTime(5), job));
        }

        return [.. jobs.OrderBy(job => job.DueAt).Select(job => job.Job)];
    }
}
