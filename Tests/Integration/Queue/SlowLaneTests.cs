using System.Collections.Concurrent;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Queue;

public sealed class SlowLaneTests(TestStack stack)
{
    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Without it the only place would be taken until the test's end.
    [Fact]
    public async Task A_job_that_takes_long_gives_its_place_to_others()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1, lane: "slow");
        var handler = SlowInLane("slow");
        await using var pump = await StartAsync(jobs, handler, ("Concurrency", "1"), ("SlowConcurrency", "1"));
        await Eventually.HoldsAsync("the slow job runs", () => Task.FromResult(handler.Runs.Count == 1));

        await jobs.EnqueueAsync(20, lane: "quick");

        await DoneAsync(jobs, "quick", 20);
        Assert.Equal(1, await jobs.CountAsync("state = 'running' and lane = 'slow'"));
        _go.SetResult();
        await DoneAsync(jobs, "slow", 1);
    }

    // After a tenth of the minute, which is longer than the test waits.
    [Fact]
    public async Task Where_no_place_is_left_a_job_gives_its_own_up_sooner()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1, lane: "slow");
        var handler = SlowInLane("slow");
        await using var pump = await StartAsync(
            jobs, handler, ("Concurrency", "1"), ("SlowConcurrency", "1"), ("SlowAfter", "00:01:00"));
        await Eventually.HoldsAsync("the slow job runs", () => Task.FromResult(handler.Runs.Count == 1));

        await jobs.EnqueueAsync(20, lane: "quick");

        await DoneAsync(jobs, "quick", 20);
        _go.SetResult();
    }

    [Fact]
    public async Task Slow_lanes_have_so_many_places_and_no_more_and_none_of_the_others()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1, lane: "slow");
        var handler = SlowInLane("slow");
        await using var pump = await StartAsync(
            jobs, handler, ("Concurrency", "1"), ("SlowConcurrency", "3"), ("PerLane", "10"), ("Poll", "00:00:00.05"));
        await Eventually.HoldsAsync("the first runs", () => Task.FromResult(handler.Runs.Count == 1));

        // They have the only place once the lane is known to be slow.
        await jobs.EnqueueAsync(2, lane: "quick");
        await DoneAsync(jobs, "quick", 2);
        await jobs.EnqueueAsync(50, lane: "slow");
        await Eventually.HoldsAsync("the slow places are taken", async () => await RunningAsync(jobs) >= 3);
        await jobs.EnqueueAsync(50, lane: "quick");

        await DoneAsync(jobs, "quick", 52);
        Assert.Equal(3, await RunningAsync(jobs));
        _go.SetResult();
        await DoneAsync(jobs, "slow", 51);
    }

    [Fact]
    public async Task A_lane_that_is_quick_again_has_the_places_of_all_others()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1, lane: "recovers");
        var handler = SlowInLane("recovers");
        await using var pump = await StartAsync(jobs, handler, ("Concurrency", "4"), ("SlowConcurrency", "1"), ("PerLane", "4"));
        await Eventually.HoldsAsync("the slow job runs", () => Task.FromResult(handler.Runs.Count == 1));
        await jobs.EnqueueAsync(1, lane: "quick");
        await DoneAsync(jobs, "quick", 1);
        _go.SetResult();
        await DoneAsync(jobs, "recovers", 1);

        // The first of them takes the one slow place, and is quick.
        await jobs.EnqueueAsync(1, lane: "recovers");
        await DoneAsync(jobs, "recovers", 2);
        var all = new CountdownEvent(3);
        _next = async () =>
        {
            all.Signal();
            await Eventually.HoldsAsync("three run at once", () => Task.FromResult(all.IsSet));
        };
        await jobs.EnqueueAsync(3, lane: "recovers");

        await DoneAsync(jobs, "recovers", 5);
    }

    // The lane's first job would keep the only place for itself otherwise.
    [Fact]
    public async Task A_retry_takes_a_place_of_the_slow_lanes()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1, lane: "fails");
        var handler = FailsOnce();
        await using var pump = await StartAsync(
            jobs, handler, ("Concurrency", "1"), ("SlowConcurrency", "1"), ("PerLane", "2"), ("SlowAfter", "00:01:00"),
            ("Poll", "00:00:00.05"));
        await Eventually.HoldsAsync("it is retried", async () => await jobs.CountAsync("state = 'running' and attempt = 2") == 1);

        await jobs.EnqueueAsync(5, lane: "quick");
        await DoneAsync(jobs, "quick", 5);
        Assert.Equal(1, await LanesAsync(jobs, "slow"));
        _go.SetResult();

        await DoneAsync(jobs, "fails", 1);
        await Eventually.HoldsAsync("the lane is quick again", async () => await LanesAsync(jobs, "true") == 0);
    }

    [Fact]
    public async Task Retries_have_the_places_of_all_others_where_slow_lanes_have_none()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1, lane: "fails");
        _go.SetResult();

        await using var pump = await StartAsync(
            jobs, FailsOnce(), ("Concurrency", "1"), ("SlowConcurrency", "0"), ("Poll", "00:00:00.05"));

        await DoneAsync(jobs, "fails", 1);
        Assert.Equal(1, await jobs.CountAsync("attempt = 2"));
    }

    [Fact]
    public async Task Of_one_lane_so_many_run_at_once_whether_slow_or_not()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        for (var lane = 0; lane < 10; lane++)
        {
            await jobs.EnqueueAsync(40, lane: $"{lane}");
        }

        await jobs.ExecuteAsync(
            "insert into webhooks.lanes (kind, lane, slow) select 'event', i::text, true from generate_series(0, 9, 2) i");
        var running = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var counts = new ConcurrentQueue<int>();
        var handler = new ScriptedHandler(async (job, _) =>
        {
            counts.Enqueue(running.AddOrUpdate(job.Lane, 1, (_, count) => count + 1));
            await Task.Yield();
            running.AddOrUpdate(job.Lane, 0, (_, count) => count - 1);
            return JobOutcome.Done();
        });

        await using var pump = await StartAsync(
            jobs, handler, ("Concurrency", "8"), ("SlowConcurrency", "8"), ("PerLane", "1"), ("Poll", "00:00:00.05"));
        await Eventually.HoldsAsync("all are done", async () => await jobs.CountAsync("state = 'done'") == 400);

        Assert.Equal(1, counts.Max());
    }

    [Fact]
    public async Task A_stop_waits_for_jobs_at_slow_places_too()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1, lane: "slow");
        var handler = SlowInLane("slow");
        await using var pump = await StartAsync(
            jobs, handler, ("Concurrency", "1"), ("SlowConcurrency", "1"), ("Grace", "00:01:00"));
        await Eventually.HoldsAsync("the slow job runs", () => Task.FromResult(handler.Runs.Count == 1));
        await jobs.EnqueueAsync(1, lane: "quick");
        await DoneAsync(jobs, "quick", 1);

        var stopping = pump.StopAsync();
        _go.SetResult();
        await stopping;

        Assert.Equal(1, await jobs.CountAsync("state = 'done' and lane = 'slow' and attempt = 1"));
    }

    private Func<Task>? _next;

    private ScriptedHandler SlowInLane(string lane) => new(async (job, cancellation) =>
    {
        if (job.Lane == lane)
        {
            await _go.Task.WaitAsync(cancellation);
            await (_next?.Invoke() ?? Task.CompletedTask);
        }

        return JobOutcome.Done();
    });

    /// <summary>The first attempt of the first job; what is retried waits for the sign.</summary>
    private ScriptedHandler FailsOnce() => new(async (job, cancellation) =>
    {
        if (job is { Id: 1, Attempt: 1 })
        {
            return JobOutcome.Retry(TimeSpan.Zero, "no");
        }

        if (job.Attempt > 1)
        {
            await _go.Task.WaitAsync(cancellation);
        }

        return JobOutcome.Done();
    });

    private async Task<PumpHost> StartAsync(
        JobsDatabase jobs, ScriptedHandler handler, params (string Key, string Value)[] settings) =>
        await PumpHost.StartAsync(jobs.ConnectionString, await stack.RedisAsync(), handler, settings);

    private static Task<long> LanesAsync(JobsDatabase jobs, string condition) =>
        Sql.CountAsync(jobs.ConnectionString, $"webhooks.lanes where {condition}");

    private static Task<long> RunningAsync(JobsDatabase jobs) => jobs.CountAsync("state = 'running' and lane = 'slow'");

    private static Task DoneAsync(JobsDatabase jobs, string lane, int count) =>
        Eventually.HoldsAsync(
            $"{count} of {lane} are done", async () => await jobs.CountAsync($"state = 'done' and lane = '{lane}'") == count);
}
