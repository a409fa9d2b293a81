using Aspire.Webhooks.Jobs;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Jobs;

public sealed class PumpTests(TestStack stack)
{
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
        var handler = new ScriptedHandler((_, _) => throw new InvalidOperationException($"The password is {ScriptedHandler.Secret}."));
        await using var pump = await StartAsync(jobs, handler);

        await AllAsync(jobs, "pending", 1, "attempt = 1 and due_at between now() + interval '59 min' and now() + interval '61 min'");
        await jobs.ExecuteAsync("update webhooks.jobs set due_at = now()");
        await AllAsync(jobs, "pending", 1, "attempt = 2 and due_at between now() + interval '119 min' and now() + interval '121 min'");
        await jobs.ExecuteAsync("update webhooks.jobs set due_at = now()");
        await AllAsync(jobs, "buried", 1, "attempt = 3");

        var error = await Sql.ScalarAsync<string>(jobs.ConnectionString, "select last_error from webhooks.jobs");
        Assert.Contains("InvalidOperationException", error, StringComparison.Ordinal);
        Assert.DoesNotContain(ScriptedHandler.Secret, error, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], handler.Runs.Select(job => job.Attempt));
    }

    [Fact]
    public async Task A_job_that_keeps_killing_its_process_is_buried()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        for (var death = 0; death < 3; death++)
        {
            await jobs.ExpireAsync(Assert.Single(await jobs.ClaimAsync()));
            await jobs.Queue.RescueAsync(JobKind.Event, Cancellation);
        }

        var handler = new ScriptedHandler();
        await using var pump = await StartAsync(jobs, handler);

        await AllAsync(jobs, "buried", 1);
        Assert.Empty(handler.Runs);
        Assert.Contains("3 attempts", await Sql.ScalarAsync<string>(jobs.ConnectionString, "select last_error from webhooks.jobs"), StringComparison.Ordinal);
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
        Assert.Equal(20, await jobs.CountAsync("state = 'pending' and last_error like '%poison%'"));
    }

    [Fact]
    public async Task A_handover_that_fails_is_run_again_when_the_lease_has_run_out_and_then_buried()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        var handler = new ScriptedHandler((_, _) =>
            Task.FromResult(JobOutcome.Done() with { Handover = (_, _) => throw new InvalidOperationException("no") }));
        await using var pump = await StartAsync(jobs, handler, ("Lease", "00:00:01"));

        await AllAsync(jobs, "buried", 1);
        Assert.Equal([1, 2, 3], handler.Runs.Select(job => job.Attempt));
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

        await jobs.ExecuteAsync("update webhooks.jobs set lease_token = gen_random_uuid(), lease_until = now() + interval '1 hour'");
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        await pump.StopAsync();

        Assert.Equal(1, await jobs.CountAsync("state = 'running' and attempt = 1"));
    }

    private async Task<PumpHost> StartAsync(JobsDatabase jobs, ScriptedHandler handler, params (string Key, string Value)[] settings) =>
        await PumpHost.StartAsync(jobs.ConnectionString, await stack.RedisAsync(), handler, settings);

    private static Task AllAsync(JobsDatabase jobs, string state, int count, string more = "true") =>
        Eventually.HoldsAsync($"{count} jobs are {state}, {more}", async () => await jobs.CountAsync($"state = '{state}' and {more}") == count);
}
