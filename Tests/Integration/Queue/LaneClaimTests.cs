using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Queue;

public sealed class LaneClaimTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_lane_that_has_due_jobs_is_found_however_many_another_has()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(10_000, lane: "loud");
        await jobs.EnqueueAsync(1, lane: "");
        await jobs.EnqueueAsync(1, lane: "quiet");
        await jobs.EnqueueAsync(1, lane: "later");
        await jobs.EnqueueAsync(1, lane: "held");
        await jobs.EnqueueAsync(1, JobKind.Task, lane: "task");
        await jobs.ExecuteAsync("""
            update webhooks.jobs set due_at = now() - interval '1 hour' where lane = 'loud';
            update webhooks.jobs set due_at = now() + interval '1 hour' where lane = 'later';
            insert into webhooks.lanes (kind, lane, held_until) values ('event', 'held', now() + interval '1 hour'), ('task', 'quiet', now() + interval '1 hour')
            """);

        var found = await jobs.FindDueAsync(null);

        Assert.Equal(["", "loud", "quiet"], found.Lanes);
        Assert.Null(found.Next);
        Assert.InRange(found.DueFor, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
    }

    [Fact]
    public async Task A_search_among_very_many_lanes_goes_on_where_the_last_one_ended()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.ExecuteAsync(
            "insert into webhooks.jobs (kind, ref_id, lane) select 'event', gen_random_uuid(), i::text from "
                + "generate_series(1, 2500) i");

        var (found, next, searches) = (new List<string>(), (string?)null, 0);
        do
        {
            var some = await jobs.FindDueAsync(next);
            found.AddRange(some.Lanes);
            (next, searches) = (some.Next, searches + 1);
        }
        while (next is not null);

        Assert.Equal(2500, found.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(2500, found.Count);
        Assert.InRange(searches, 25, 26);
    }

    [Fact]
    public async Task Of_each_lane_as_many_are_claimed_as_were_asked_for()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        foreach (var lane in (string[])["full", "one-left", "other", "not-asked"])
        {
            await jobs.EnqueueAsync(100, lane: lane);
        }

        var claimed = await jobs.ClaimAsync(
            JobKind.Event, new("full", 0, 0), new("one-left", 1, 1), new("other", 3, 3), new("none", 9, 9));

        Assert.Equal(
            [("one-left", 1), ("other", 3)],
            claimed.GroupBy(job => job.Lane, StringComparer.Ordinal).Select(lane => (lane.Key, lane.Count())).Order());
    }

    [Fact]
    public async Task A_slow_lane_gives_as_many_as_it_has_slow_places()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(10, lane: "slow");
        await jobs.EnqueueAsync(10, lane: "quick");
        await jobs.ExecuteAsync("insert into webhooks.lanes (kind, lane, slow) values ('event', 'slow', true)");

        var claimed = await jobs.ClaimAsync(JobKind.Event, new("slow", 5, 2), new("quick", 4, 1));

        Assert.Equal(
            [("quick", false, 4), ("slow", true, 2)],
            claimed.CountBy(job => (job.Lane, job.IsSlow)).Select(one => (one.Key.Lane, one.Key.IsSlow, one.Value)).Order());
    }

    [Fact]
    public async Task A_held_lane_gives_nothing_and_one_job_alone_when_its_hold_has_ended()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(10, lane: "held");
        await HoldAsync(jobs, "1 hour");

        Assert.Empty(await jobs.ClaimAsync(10, lane: "held"));
        Assert.Empty(await jobs.Claims().ClaimTrialsAsync(10, Cancellation));
        await HoldAsync(jobs, "-1 second");
        Assert.Empty(await jobs.ClaimAsync(10, lane: "held"));

        var trials = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => jobs.Claims().ClaimTrialsAsync(10, Cancellation)));

        var trial = Assert.Single(trials.SelectMany(mine => mine)).Job;
        Assert.True(trial is { IsTrial: true, IsSlow: true, Lane: "held" });
        Assert.Equal(1, await Sql.CountAsync(jobs.ConnectionString, "webhooks.lanes where held_until > now()"));
    }

    [Fact]
    public async Task A_paused_lane_gives_nothing_whatever_a_trial_does_until_it_is_resumed()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(2, lane: "held");
        await HoldAsync(jobs, "-1 second");
        var trial = Assert.Single(await jobs.Claims().ClaimTrialsAsync(10, Cancellation)).Job;
        await jobs.ChangeAsync(JobLanes.Pause(JobKind.Event, "held"));

        await jobs.RenewAsync([trial], JobsDatabase.Lease);
        await jobs.ChangeAsync(JobLanes.Hold(JobKind.Event, "held", TimeSpan.FromSeconds(-1), isTrial: true));
        await jobs.ChangeAsync(JobLanes.Quick(JobKind.Event, "held"));
        await jobs.ChangeAsync(JobLanes.Release(JobKind.Event, "held"));

        Assert.Equal(0, await jobs.ChangeAsync(JobLanes.Pause(JobKind.Event, "held")));
        Assert.Empty(await jobs.ClaimAsync(10, lane: "held"));
        Assert.Empty(await jobs.Claims().ClaimTrialsAsync(10, Cancellation));
        var found = await jobs.FindDueAsync();
        Assert.Empty(found.Lanes);
        Assert.Equal(TimeSpan.Zero, found.DueFor);

        Assert.Equal(1, await jobs.ChangeAsync(JobLanes.Resume(JobKind.Event, "held")));
        Assert.Single(await jobs.ClaimAsync(10, lane: "held"));
        Assert.Equal(0, await jobs.ChangeAsync(JobLanes.Resume(JobKind.Event, "held")));
    }

    [Theory]
    [InlineData("1 second", true, 10)]
    [InlineData("1 hour", true, 60)]
    [InlineData("1 second", false, 1)]
    public async Task A_hold_is_renewed_with_the_lease_of_its_trial_alone_and_never_shortened(
        string left, bool byTrial, int minutes)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(10, lane: "held");
        await HoldAsync(jobs, "-1 second");
        var trial = Assert.Single(await jobs.Claims().ClaimTrialsAsync(10, Cancellation)).Job;
        await HoldAsync(jobs, left);

        var (renewed, _) = await jobs.RenewAsync([trial with { IsTrial = byTrial }], JobsDatabase.Lease);

        Assert.Single(renewed);
        var time = await Sql.ScalarAsync<TimeSpan>(jobs.ConnectionString, "select held_until - now() from webhooks.lanes");
        Assert.InRange(time, TimeSpan.FromMinutes(minutes - 1), TimeSpan.FromMinutes(minutes));
    }

    [Fact]
    public async Task A_lane_that_somebody_has_locked_does_not_keep_the_leases_from_being_renewed()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(10, lane: "held");
        await HoldAsync(jobs, "-1 second");
        var trial = Assert.Single(await jobs.Claims().ClaimTrialsAsync(10, Cancellation)).Job;
        await using var connection = new NpgsqlConnection(jobs.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var hold = new NpgsqlCommand("update webhooks.lanes set held_until = now()", connection, transaction);
        await hold.ExecuteNonQueryAsync(Cancellation);

        var (renewed, _) = await jobs.RenewAsync([trial], JobsDatabase.Lease);

        Assert.Single(renewed);
    }

    [Fact]
    public async Task The_job_that_failed_most_is_the_trial_and_of_those_that_did_not_the_oldest()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(10, lane: "held");
        await jobs.ExecuteAsync("""
            update webhooks.jobs set due_at = now() - id * interval '1 second';
            update webhooks.jobs set failures = id where id in (3, 5);
            update webhooks.jobs set failures = 9, due_at = now() + interval '1 hour' where id = 7
            """);
        var order = new List<long>();
        for (var trial = 0; trial < 4; trial++)
        {
            await HoldAsync(jobs, "-1 second");
            order.Add(Assert.Single(await jobs.Claims().ClaimTrialsAsync(10, Cancellation)).Job.Id);
        }

        Assert.Equal([5, 3, 10, 9], order);
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

        var claims = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () => await ClaimAllAsync(jobs, 3))));

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
        await gate.OpenAsync(Cancellation);
        await using var hold = new NpgsqlCommand("select pg_advisory_lock(1)", gate);
        await hold.ExecuteNonQueryAsync(Cancellation);
        var slow = jobs.Claims(lease: TimeSpan.FromHours(10)).ClaimAsync([new("a", 3, 3), new("b", 2, 2)], Cancellation);
        await Eventually.HoldsAsync("the claim stands still", async () => await Sql.CountAsync(
            jobs.ConnectionString, "pg_locks where locktype = 'advisory' and not granted") == 1);

        var others = await ClaimAllAsync(jobs, 100);
        await gate.CloseAsync();

        // Each of them once, and what the slow one had not come to yet was not kept for it.
        var all = others.Concat((await slow).Select(claimed => claimed.Job)).Select(job => job.Id).ToList();
        Assert.Equal(30, all.Distinct().Count());
        Assert.Equal(30, all.Count);
        Assert.InRange(others.Count, 25, 29);
    }

    [Fact]
    public async Task A_claim_changes_no_index_where_pages_have_room()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1000);
        await jobs.ClaimAsync(1000);

        await Eventually.HoldsAsync("nine of ten were such updates", async () => await Sql.CountAsync(
            jobs.ConnectionString,
            "pg_stat_user_tables where relname = 'jobs' and n_tup_upd >= 1000 and n_tup_hot_upd >= n_tup_upd * 0.9") == 1);
    }

    private static Task HoldAsync(JobsDatabase jobs, string time) => jobs.ExecuteAsync($"""
        insert into webhooks.lanes (kind, lane, held_until, slow) values ('event', 'held', now() + interval '{time}', true)
        on conflict (kind, lane) do update set held_until = excluded.held_until
        """);

    private static async Task<List<LeasedJob>> ClaimAllAsync(JobsDatabase jobs, int perLane)
    {
        var all = new List<LeasedJob>();
        while ((await jobs.FindDueAsync(null)).Lanes is { Count: > 0 } lanes)
        {
            var some = await jobs.ClaimAsync(JobKind.Event, [.. lanes.Select(lane => new LaneAsk(lane, perLane, perLane))]);
            if (some.Count == 0)
            {
                // Others are about to take the rest.
                break;
            }

            all.AddRange(some);
        }

        return all;
    }
}
