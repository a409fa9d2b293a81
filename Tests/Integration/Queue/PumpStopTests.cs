using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Queue;

public sealed class PumpStopTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_that_ends_within_the_grace_is_kept()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(3);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            await go.Task.WaitAsync(cancellation);
            return JobOutcome.Done();
        });
        await using var pump = await StartAsync(jobs, handler, ("Concurrency", "2"), ("Grace", "00:10:00"));
        await Eventually.HoldsAsync("two run", () => Task.FromResult(handler.Runs.Count == 2));

        var stopping = pump.StopAsync();
        go.SetResult();
        await stopping;

        Assert.Equal(2, await jobs.CountAsync("state = 'done'"));
        Assert.Equal(1, await jobs.CountAsync("state = 'pending' and attempt = 0"));
    }

    [Fact]
    public async Task Work_that_goes_on_beyond_the_grace_is_handed_back_without_counting()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(4);
        var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellation);
            return JobOutcome.Done();
        });
        await using var pump = await StartAsync(jobs, handler, ("Concurrency", "4"), ("Grace", "00:00:00"));
        await Eventually.HoldsAsync("four run", () => Task.FromResult(handler.Runs.Count == 4));

        await pump.StopAsync();

        Assert.Equal(4, await jobs.CountAsync("state = 'pending' and attempt = 0 and due_at <= now()"));
    }

    [Fact]
    public async Task A_pump_without_work_stops_at_once_whatever_the_grace()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await using var pump = await StartAsync(jobs, new ScriptedHandler(), ("Grace", "00:10:00"), ("Poll", "00:01:00"));

        await pump.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }

    [Fact]
    public async Task A_pump_that_waits_for_the_database_stops_at_once()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await using var connection = new NpgsqlConnection(jobs.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var pump = await StartAsync(jobs, new ScriptedHandler(), ("Poll", "00:00:00.05"));
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var hold = new NpgsqlCommand("lock table webhooks.jobs in access exclusive mode", connection, transaction);
        await hold.ExecuteNonQueryAsync(Cancellation);
        await Eventually.HoldsAsync("the pump waits for the lock", async () => await Sql.CountAsync(
            jobs.ConnectionString,
            "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%due_at <=%'") > 0);

        await pump.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }

    [Fact]
    public async Task An_attempt_that_was_handed_back_is_run_again_as_the_same_attempt()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        for (var stop = 0; stop < 5; stop++)
        {
            await jobs.SettleAsync(Assert.Single(await jobs.ClaimAsync()), JobOutcome.HandBack());
        }

        var handler = new ScriptedHandler();
        await using var pump = await StartAsync(jobs, handler);

        await Eventually.HoldsAsync("it is done", async () => await jobs.CountAsync("state = 'done' and attempt = 1") == 1);
        Assert.Equal([1], handler.Runs.Select(job => job.Attempt));
    }

    private async Task<PumpHost> StartAsync(
        JobsDatabase jobs, ScriptedHandler handler, params (string Key, string Value)[] settings) =>
        await PumpHost.StartAsync(jobs.ConnectionString, await stack.RedisAsync(), handler, settings);
}
