using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Jobs;

public sealed class LaneClaimTests(TestStack stack)
{
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Ten_thousand_due_jobs_of_one_lane_do_not_delay_another_lanes_by_more_than_one_claim(int max)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(10_000, lane: "loud");
        await jobs.ExecuteAsync("update webhooks.jobs set due_at = now() - interval '1 hour'");
        await jobs.EnqueueAsync(1, lane: "quiet");

        var first = await jobs.ClaimAsync(max);
        var second = await ClaimAsync(jobs, max, 100, new LaneUse("loud", first.Count(job => job.Lane == "loud"), 100));

        Assert.Contains(first.Concat(second), job => job.Lane == "quiet");
    }

    [Fact]
    public async Task A_full_lane_is_passed_over_and_the_places_of_the_others_are_kept()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        foreach (var lane in (string[])["full", "one-left", "other"])
        {
            await jobs.EnqueueAsync(1000, lane: lane);
        }

        var claimed = await ClaimAsync(jobs, 100, 3, new LaneUse("full", 3, 0), new LaneUse("one-left", 2, 1));

        Assert.Equal(
            [("one-left", 1), ("other", 3)],
            claimed.GroupBy(job => job.Lane, StringComparer.Ordinal).Select(lane => (lane.Key, lane.Count())).Order());
    }

    [Fact]
    public async Task The_lane_that_runs_the_fewest_jobs_comes_first_and_then_the_one_that_has_waited_longest()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        foreach (var lane in (string[])["a", "b", "c", "d"])
        {
            await jobs.EnqueueAsync(1, lane: lane);
        }

        await jobs.ExecuteAsync("update webhooks.jobs set due_at = now() - id * interval '1 second'");

        var order = new List<string>();
        while (await ClaimAsync(jobs, 1, 9, new LaneUse("d", 2, 9), new LaneUse("b", 1, 9)) is [var job])
        {
            order.Add(job.Lane);
        }

        Assert.Equal(["c", "a", "b", "d"], order);
    }

    [Fact]
    public async Task Concurrent_claimers_of_many_lanes_never_share_a_job_and_leave_none()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.ExecuteAsync(
            """
            insert into webhooks.jobs (kind, ref_id, lane, due_at)
            select 'event', gen_random_uuid(), 'lane-' || (sqrt(i)::int % 40), now() - i % 7 * interval '1 second' from generate_series(1, 4000) i
            """);

        var claims = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () => await ClaimAllAsync(jobs, 23, 5))));

        var all = claims.SelectMany(mine => mine).ToList();
        Assert.Equal(4000, all.Count);
        Assert.Equal(4000, all.Select(job => job.Id).Distinct().Count());
    }

    [Fact]
    public async Task What_a_claim_does_not_take_is_free_for_others_meanwhile()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        foreach (var lane in (string[])["a", "b", "c"])
        {
            await jobs.EnqueueAsync(10, lane: lane);
        }

        // Whoever shows a lease of ten hours stops in the middle of the claim.
        await jobs.ExecuteAsync("""
            create function pause() returns trigger language plpgsql as $$
            begin perform pg_advisory_xact_lock(1); return new; end $$;
            create trigger pause before update on webhooks.jobs for each row
            when (new.lease_until > now() + interval '9 hours') execute function pause()
            """);
        await using var gate = new NpgsqlConnection(jobs.ConnectionString);
        await gate.OpenAsync(TestContext.Current.CancellationToken);
        await using var hold = new NpgsqlCommand("select pg_advisory_lock(1)", gate);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var slow = jobs.Queue.ClaimAsync(JobKind.Event, 5, TimeSpan.FromHours(10), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync("the claim stands still", async () => await Sql.CountAsync(
            jobs.ConnectionString, "pg_locks where locktype = 'advisory' and not granted") == 1);

        var others = await ClaimAllAsync(jobs, 100, 100);
        await gate.CloseAsync();

        Assert.Equal(25, others.Count);
        Assert.Equal(5, (await slow).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_slow_and_what_is_not_are_claimed_apart(bool slow)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(4000, lane: "a");
        await jobs.EnqueueAsync(1, lane: "b");
        await jobs.ExecuteAsync($"update webhooks.jobs set slow = {!slow} where lane = 'a'");
        await jobs.ExecuteAsync($"update webhooks.jobs set slow = {slow}, due_at = now() where lane = 'b'");

        var claimed = await jobs.Queue.ClaimAsync(JobKind.Event, slow, 10, JobsDatabase.Lease, [], 10, TestContext.Current.CancellationToken);

        Assert.Equal("b", Assert.Single(claimed).Lane);
    }

    private static async Task<List<LeasedJob>> ClaimAllAsync(JobsDatabase jobs, int max, int perLane)
    {
        var all = new List<LeasedJob>();
        while (await ClaimAsync(jobs, max, perLane) is { Count: > 0 } some)
        {
            all.AddRange(some);
        }

        return all;
    }

    private static Task<IReadOnlyList<LeasedJob>> ClaimAsync(JobsDatabase jobs, int max, int perLane, params LaneUse[] lanes) =>
        jobs.Queue.ClaimAsync(JobKind.Event, slow: false, max, JobsDatabase.Lease, lanes, perLane, TestContext.Current.CancellationToken);
}
