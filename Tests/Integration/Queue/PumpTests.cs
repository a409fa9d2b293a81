using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Queue;

public sealed class PumpTests(TestStack stack)
{
    private const int RunFailed = 1124;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1")]
    [InlineData("8")]
    [InlineData("30")]
    public async Task Every_job_is_run_once_whether_or_not_there_are_more_than_places(string concurrency)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(100);
        var handler = new ScriptedHandler();
        await using var pump = await StartAsync(jobs, handler, ("Concurrency", concurrency));

        await AllAsync(jobs, "done", 100);

        Assert.Equal(100, handler.Runs.Select(job => job.Id).Distinct().Count());
        Assert.Equal(100, handler.Runs.Count);
    }

    [Fact]
    public async Task Several_processes_share_the_work_and_run_every_job_once()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(500);
        var handler = new ScriptedHandler();
        await using var one = await StartAsync(jobs, handler);
        await using var two = await StartAsync(jobs, handler);
        await using var three = await StartAsync(jobs, handler);

        await AllAsync(jobs, "done", 500);

        Assert.Equal(500, handler.Runs.Count);
    }

    [Fact]
    public async Task A_retry_runs_when_it_is_due_and_does_not_wait_for_the_next_poll()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        var handler = new ScriptedHandler((job, _) => Task.FromResult(
            job.Attempt < 3 ? JobOutcome.Retry(TimeSpan.FromSeconds(1), "again") : JobOutcome.Done()));
        var start = TimeProvider.System.GetTimestamp();
        await using var pump = await StartAsync(jobs, handler, ("Poll", "00:01:00"));

        await AllAsync(jobs, "done", 1);

        Assert.Equal(3, handler.Runs.Count);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(50));
    }

    [Fact]
    public async Task A_settlement_that_fails_in_passing_is_repeated_and_the_work_is_not()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);

        // A sequence is not rolled back: the first settlement fails as under contention, the next goes through.
        await Sql.ExecuteAsync(jobs.ConnectionString, """
            create sequence settlements;
            create function fail_once() returns trigger language plpgsql as $$
            begin
                if nextval('settlements') = 1 then raise exception 'once' using errcode = '40001'; end if;
                return new;
            end $$;
            create trigger fail_once before update on webhooks.jobs for each row when (new.state = 'done') execute function fail_once()
            """);
        await jobs.EnqueueAsync(1);
        var handler = new ScriptedHandler();
        await using var pump = await StartAsync(jobs, handler);

        await AllAsync(jobs, "done", 1);

        Assert.Single(handler.Runs);
        Assert.Equal(2, await Sql.ScalarAsync<long>(jobs.ConnectionString, "select last_value from settlements"));
    }

    [Fact]
    public async Task No_more_jobs_run_at_once_than_there_are_places()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(10);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            await go.Task.WaitAsync(cancellation);
            return JobOutcome.Done();
        });
        await using var pump = await StartAsync(jobs, handler, ("Concurrency", "3"));

        await Eventually.HoldsAsync("three run", () => Task.FromResult(handler.Runs.Count == 3));
        Assert.Equal(3, await jobs.CountAsync("state = 'running'"));
        go.SetResult();
        await AllAsync(jobs, "done", 10);
    }

    [Fact]
    public async Task A_handler_that_throws_is_retried_by_its_schedule_and_then_buried_with_a_redacted_error()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        var handler = new ScriptedHandler(
            (_, _) => throw new InvalidOperationException($"The password is {ScriptedHandler.Secret}."));
        await using var pump = await StartAsync(jobs, handler);

        await AllAsync(
            jobs, "pending", 1, "attempt = 1 and due_at between now() + interval '59 min' and now() + interval '61 min'");
        await jobs.ExecuteAsync("update webhooks.jobs set due_at = now()");
        await AllAsync(
            jobs, "pending", 1, "attempt = 2 and due_at between now() + interval '119 min' and now() + interval '121 min'");
        await jobs.ExecuteAsync("update webhooks.jobs set due_at = now()");
        await AllAsync(jobs, "buried", 1, "attempt = 3");

        var error = await Sql.ScalarAsync<string>(jobs.ConnectionString, "select last_error from webhooks.jobs");
        Assert.Contains("InvalidOperationException", error, StringComparison.Ordinal);
        Assert.DoesNotContain(ScriptedHandler.Secret, error, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], handler.Runs.Select(job => job.Attempt));
    }

    public static TheoryData<string> Surprises => ["the wait", "the text"];

    [Theory]
    [MemberData(nameof(Surprises))]
    public async Task A_failure_that_cannot_be_noted_costs_no_place_and_the_job_runs_again_when_its_lease_expires(string what)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1, lane: "a");
        using var log = new RecordedLog();
        var handler = new ScriptedHandler(
            (job, _) => job is { Lane: "a", Attempt: 1 } ? throw Surprise(what) : Task.FromResult(JobOutcome.Done()))
        {
            Waits = exception =>
                exception is SurprisingException { What: "the wait" } ? throw new InvalidOperationException("no wait") : null,
        };
        await using var pump = await PumpHost.StartAsync(
            jobs.ConnectionString, await stack.RedisAsync(), handler, log,
            ("Concurrency", "1"), ("PerLane", "1"), ("Lease", "00:00:01"), ("Poll", "00:00:00.05"));
        await Eventually.HoldsAsync("it is told of", () => Task.FromResult(log.Of(RunFailed).Any()));

        await jobs.EnqueueAsync(1, lane: "b");

        await AllAsync(jobs, "done", 1, "lane = 'b'");
        await AllAsync(jobs, "done", 1, "lane = 'a' and attempt = 2");
    }

    [Fact]
    public async Task A_refused_handover_that_cannot_be_noted_keeps_no_other_from_being_settled()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(30);
        var handler = new ScriptedHandler((job, _) => Task.FromResult(job is { Id: <= 10, Attempt: 1 }
            ? JobOutcome.Done() with { Handover = (_, _) => throw Surprise("the wait") }
            : JobOutcome.Done()))
        {
            Waits = _ => throw new InvalidOperationException("no wait"),
        };

        await using var pump = await StartAsync(
            jobs, handler, ("Concurrency", "4"), ("Lease", "00:00:01"), ("Poll", "00:00:00.05"));

        await AllAsync(jobs, "done", 30);
        Assert.Equal(10, await jobs.CountAsync("attempt = 2"));
    }

    [Fact]
    public async Task A_job_that_keeps_killing_its_process_is_buried()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        var handler = new ScriptedHandler();
        for (var death = 0; death < handler.Schedule.MaxStarts; death++)
        {
            await jobs.ExpireAsync(Assert.Single(await jobs.ClaimAsync()));
        }

        await using var pump = await StartAsync(jobs, handler);

        await AllAsync(jobs, "buried", 1);
        Assert.Empty(handler.Runs);
        Assert.Contains(
            "6 starts", await Sql.ScalarAsync<string>(jobs.ConnectionString, "select last_error from webhooks.jobs"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_cut_short_in_the_last_attempt_does_not_bury_the_job()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        var handler = new ScriptedHandler();
        for (var attempt = 0; attempt < handler.Schedule.MaxFailures; attempt++)
        {
            await jobs.ExpireAsync(Assert.Single(await jobs.ClaimAsync()));
        }

        await using var pump = await StartAsync(jobs, handler);

        await AllAsync(jobs, "done", 1);
        Assert.Equal(handler.Schedule.MaxFailures + 1, Assert.Single(handler.Runs).Attempt);
    }

    [Fact]
    public async Task Jobs_that_fail_do_not_hold_up_the_others()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(50);
        var handler = new ScriptedHandler((job, _) =>
            job.Id <= 20 ? throw new InvalidOperationException("poison") : Task.FromResult(JobOutcome.Done()));
        await using var pump = await StartAsync(jobs, handler, ("Concurrency", "2"));

        await AllAsync(jobs, "done", 30);
        await AllAsync(jobs, "pending", 20, "last_error like '%poison%'");
    }

    [Fact]
    public async Task A_handover_that_is_refused_is_a_failed_attempt_on_record()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        var handler = new ScriptedHandler((_, _) =>
            Task.FromResult(JobOutcome.Done() with { Handover = (_, _) => throw new InvalidOperationException("no") }));
        await using var pump = await StartAsync(jobs, handler);

        await AllAsync(jobs, "pending", 1, "last_error = 'InvalidOperationException: no' and due_at > now() + interval '59 min'");
        Assert.Equal(1, Assert.Single(handler.Runs).Attempt);
    }

    [Fact]
    public async Task A_lease_is_kept_for_as_long_as_the_work_takes()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            await go.Task.WaitAsync(cancellation);
            return JobOutcome.Done();
        });
        await using var one = await StartAsync(jobs, handler, ("Lease", "00:00:03"));
        await using var other = await StartAsync(jobs, handler, ("Lease", "00:00:03"));
        var first = await Sql.ScalarAsync<DateTime>(jobs.ConnectionString, "select now()::timestamp + interval '6 s'");

        await Eventually.HoldsAsync("two leases' time has passed", async () => await Sql.ScalarAsync<bool>(
            jobs.ConnectionString, $"select now()::timestamp > '{first:O}'"));
        go.SetResult();

        await AllAsync(jobs, "done", 1, "attempt = 1");
        Assert.Single(handler.Runs);
    }

    [Fact]
    public async Task Work_whose_lease_was_lost_is_cancelled_and_changes_nothing()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            await using var registration = cancellation.Register(cancelled.SetResult);
            await cancelled.Task;
            return JobOutcome.Done();
        });
        await using var pump = await StartAsync(jobs, handler, ("Lease", "00:00:01"));
        await Eventually.HoldsAsync("it runs", () => Task.FromResult(handler.Runs.Count == 1));

        await jobs.ExecuteAsync(
            "update webhooks.jobs set lease_token = gen_random_uuid(), lease_until = now() + interval '1 hour'");
        await cancelled.Task.WaitAsync(Eventually.Limit, Cancellation);
        await pump.StopAsync();

        Assert.Equal(1, await jobs.CountAsync("state = 'running' and attempt = 1"));
    }

    // As after a crash of the database, which need not have kept the claim.
    [Fact]
    public async Task A_job_whose_claim_was_forgotten_runs_again_and_its_first_run_is_cancelled()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = 0;
        var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            if (Interlocked.Increment(ref runs) == 1)
            {
                await using var registration = cancellation.Register(cancelled.SetResult);
                await cancelled.Task;
            }

            await go.Task.WaitAsync(cancellation);
            return JobOutcome.Done();
        });
        await using var pump = await StartAsync(jobs, handler, ("Lease", "00:00:01"), ("Poll", "00:00:00.05"));
        await Eventually.HoldsAsync("it runs", () => Task.FromResult(handler.Runs.Count == 1));

        await jobs.ExecuteAsync(
            "update webhooks.jobs set state = 'pending', attempt = 0, lease_token = null, lease_until = null");
        await Eventually.HoldsAsync("it runs again", () => Task.FromResult(handler.Runs.Count == 2));
        await cancelled.Task.WaitAsync(Eventually.Limit, Cancellation);
        var renewals = await Sql.ScalarAsync<DateTime>(jobs.ConnectionString, "select lease_until from webhooks.jobs");
        await Eventually.HoldsAsync("its lease is renewed", async () =>
            await Sql.ScalarAsync<DateTime>(jobs.ConnectionString, "select lease_until from webhooks.jobs") > renewals.AddSeconds(
                1));
        go.SetResult();

        await AllAsync(jobs, "done", 1, "attempt = 1");
        Assert.Equal(2, handler.Runs.Count);
    }

    private static SurprisingException Surprise(string what) => new(what);

    /// <summary>An exception that throws, itself or by what asks about it.</summary>
    private sealed class SurprisingException(string what) : Exception
    {
        public string What => what;

        public override string Message => what == "the text" ? throw new InvalidOperationException("no text") : what;
    }

    private async Task<PumpHost> StartAsync(
        JobsDatabase jobs, ScriptedHandler handler, params (string Key, string Value)[] settings) =>
        await PumpHost.StartAsync(jobs.ConnectionString, await stack.RedisAsync(), handler, settings);

    private static Task AllAsync(JobsDatabase jobs, string state, int count, string more = "true") =>
        Eventually.HoldsAsync(
            $"{count} jobs are {state}, {more}", async () => await jobs.CountAsync($"state = '{state}' and {more}") == count);
}
