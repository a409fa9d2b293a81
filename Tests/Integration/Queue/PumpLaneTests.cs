using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Queue;

public sealed class PumpLaneTests(TestStack stack)
{
    [Fact]
    public async Task No_more_jobs_of_a_lane_run_at_once_than_it_has_places_and_the_rest_goes_to_others()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(20, lane: "github");
        await jobs.EnqueueAsync(20, lane: "stripe");
        await jobs.EnqueueAsync(2, lane: "slack");
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = Waiting(go.Task);
        await using var pump = await StartAsync(
            jobs, handler, ("Concurrency", "8"), ("PerLane", "3"), ("Sources:GitHub:Concurrency", "1"), ("Poll", "00:00:00.05"));

        await Eventually.HoldsAsync("each lane is full", () => Task.FromResult(handler.Runs.Count == 6));
        await jobs.EnqueueAsync(1, lane: "late");
        await Eventually.HoldsAsync("it has looked again", () => Task.FromResult(handler.Runs.Any(job => job.Lane == "late")));

        Assert.Equal(
            [("github", 1), ("late", 1), ("slack", 2), ("stripe", 3)],
            handler.Runs.CountBy(job => job.Lane).Select(lane => (lane.Key, lane.Value)).Order());
        go.SetResult();
        await AllAsync(jobs, "done", 43);
    }

    // With a poll of a minute, twenty jobs one after the other take twenty minutes if each waits for one.
    [Fact]
    public async Task A_place_that_becomes_free_in_a_full_lane_is_taken_at_once()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(20, lane: "github");
        var running = 0;
        var most = 0;
        var handler = new ScriptedHandler(async (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return JobOutcome.Done();
        });
        await using var pump = await StartAsync(jobs, handler, ("PerLane", "1"), ("Poll", "00:01:00"));

        await AllAsync(jobs, "done", 20);

        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_lane_whose_jobs_hang_and_fail_holds_up_nobody()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(500, lane: "poison");
        await jobs.EnqueueAsync(100, lane: "healthy");
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler(async (job, cancellation) =>
        {
            if (job.Lane == "poison")
            {
                await go.Task.WaitAsync(cancellation);
                throw new InvalidOperationException("poison");
            }

            return JobOutcome.Done();
        });
        await using var pump = await StartAsync(jobs, handler, ("Concurrency", "4"), ("PerLane", "3"));

        await AllAsync(jobs, "done", 100);
        Assert.Equal(3, await jobs.CountAsync("state = 'running' and lane = 'poison'"));
        go.SetResult();

        await AllAsync(jobs, "pending", 500, "attempt = 1 and last_error like '%poison%'");
    }

    [Fact]
    public async Task Jobs_that_kill_their_process_are_buried_and_others_of_their_lane_are_run()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(3, lane: "github");
        var handler = new ScriptedHandler();
        for (var death = 0; death < handler.Schedule.MaxStarts; death++)
        {
            await jobs.ClaimAsync(3, lane: "github");
            await jobs.ExecuteAsync("update webhooks.jobs set lease_until = now() - interval '1 second'");
        }

        await jobs.EnqueueAsync(20, lane: "github");
        await using var pump = await StartAsync(jobs, handler, ("PerLane", "1"));

        await AllAsync(jobs, "done", 20);
        await AllAsync(jobs, "buried", 3);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("2")]
    public async Task A_held_lane_is_tried_when_its_hold_ends_whether_or_not_slow_lanes_have_places(string slowConcurrency)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(3, lane: "held");
        await HoldAsync(jobs, "held");
        var handler = new ScriptedHandler(
            (job, _) => Task.FromResult(JobOutcome.Done() with { Handover = job.IsTrial ? ReleaseAsync : null }));

        await using var pump = await StartAsync(jobs, handler, ("SlowConcurrency", slowConcurrency), ("Poll", "00:00:00.05"));

        await Eventually.HoldsAsync("all are done", async () => await jobs.CountAsync("state = 'done'") == 3);
        Assert.True(handler.Runs.First().IsTrial);
        Assert.Single(handler.Runs, job => job.IsTrial);

        static Task ReleaseAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken) =>
            transaction.ExecuteAsync([JobLanes.Release(JobKind.Event, "held")], cancellationToken);
    }

    // A hold that ended with the trial's lease unrenewed would begin the second one after two leases.
    [Fact]
    public async Task While_a_trial_runs_no_other_job_of_its_lane_begins_however_long_it_takes()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(2, lane: "held");
        await HoldAsync(jobs, "held");
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            await go.Task.WaitAsync(cancellation);
            return JobOutcome.Done();
        });
        await using var pump = await StartAsync(
            jobs, handler, ("SlowConcurrency", "2"), ("SlowAfter", "00:00:00.05"), ("Lease", "00:00:01"),
            ("Poll", "00:00:00.05"));
        await Eventually.HoldsAsync("the trial runs", () => Task.FromResult(handler.Runs.Count == 1));
        var started = await Sql.ScalarAsync<DateTime>(jobs.ConnectionString, "select now()::timestamp");

        await Eventually.HoldsAsync("four leases' time has passed", async () => await Sql.ScalarAsync<bool>(
            jobs.ConnectionString, $"select now()::timestamp > '{started.AddSeconds(4):O}'"));

        Assert.True(Assert.Single(handler.Runs).IsTrial);
        Assert.Equal(1, await Sql.CountAsync(jobs.ConnectionString, "webhooks.lanes where held_until > now()"));
        go.SetResult();
    }

    [Fact]
    public async Task A_source_has_a_retry_schedule_of_its_own()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1, lane: "github");
        await jobs.EnqueueAsync(1, lane: "stripe");
        var handler = new ScriptedHandler((_, _) => throw new InvalidOperationException("no"));
        await using var pump = await StartAsync(jobs, handler, ("Sources:github:Retries:0", "5.00:00:00"));

        await AllAsync(
            jobs, "pending", 1,
            "lane = 'github' and attempt = 1 and due_at between now() + interval '119 h' and now() + interval '120 h'");
        await AllAsync(
            jobs, "pending", 1,
            "lane = 'stripe' and attempt = 1 and due_at between now() + interval '59 min' and now() + interval '60 min'");
        await jobs.ExecuteAsync("update webhooks.jobs set due_at = now()");

        await AllAsync(jobs, "buried", 1, "lane = 'github' and attempt = 2");
        await AllAsync(jobs, "pending", 1, "lane = 'stripe' and attempt = 2");
    }

    [Fact]
    public async Task A_job_that_kills_its_process_is_buried_by_its_sources_schedule()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1, lane: "github");
        for (var death = 0; death < 4; death++)
        {
            await jobs.ExpireAsync(Assert.Single(await jobs.ClaimAsync(lane: "github")));
        }

        var handler = new ScriptedHandler();
        await using var pump = await StartAsync(jobs, handler, ("Sources:github:Retries:0", "00:00:01"));

        await AllAsync(jobs, "buried", 1, "last_error like '%4 starts%'");
        Assert.Empty(handler.Runs);
    }

    private static ScriptedHandler Waiting(Task go) => new(async (_, cancellation) =>
    {
        await go.WaitAsync(cancellation);
        return JobOutcome.Done();
    });

    /// <summary>Holds a lane, and lets the hold end.</summary>
    private static Task HoldAsync(JobsDatabase jobs, string lane) => jobs.ExecuteAsync(
        $"insert into webhooks.lanes (kind, lane, held_until, slow) values ('event', '{lane}', now() - interval '1 second', "
            + $"true)");

    private async Task<PumpHost> StartAsync(
        JobsDatabase jobs, ScriptedHandler handler, params (string Key, string Value)[] settings) =>
        await PumpHost.StartAsync(jobs.ConnectionString, await stack.RedisAsync(), handler, settings);

    private static Task AllAsync(JobsDatabase jobs, string state, int count, string more = "true") =>
        Eventually.HoldsAsync(
            $"{count} jobs are {state}, {more}", async () => await jobs.CountAsync($"state = '{state}' and {more}") == count);
}
