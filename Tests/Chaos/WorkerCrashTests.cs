using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Chaos;

public sealed class WorkerCrashTests(TestStack stack)
{
    private const string Push = """{"ref":"refs/heads/main","commits":[]}""";

    private static readonly Uri Nowhere = new("http://127.0.0.1:1/");

    private static readonly (string Key, string Value)[] ShortLeases =
    [
        ("Webhooks__Jobs__Task__Lease", "00:00:02"), ("Webhooks__Jobs__Event__Lease", "00:00:02"),

        // Retention begins when a Worker starts, and would wait for the locks that these tests hold.
        .. new[] { "Bodies", "Steps", "Ledger", "Jobs", "Messages", "Audit" }
            .Select(kind => ($"Webhooks__Retention__{kind}", "0")),
    ];

    [Fact]
    public async Task A_task_whose_worker_is_killed_is_finished_once_by_the_next_one()
    {
        var database = await DatabaseAsync();
        var task = await Tables.AddTaskAsync(database, Push);
        await using (var held = await HeldLock.TakeAsync(database, "select 1 from webhooks.agent_tasks for update"))
        {
            await using var first = ServiceProcess.Worker(database, await stack.RedisAsync(), ShortLeases);
            await held.HoldsAsync(statements: 1);
            await first.KillAsync();
            await held.ReleaseAsync();
        }

        Assert.Equal("running", (await Tables.JobAsync(database, task)).State);
        await using var second = ServiceProcess.Worker(database, await stack.RedisAsync(), ShortLeases);
        var job = await Tables.FinishedJobAsync(database, task);

        Assert.Equal("done", job.State);
        Assert.True(job.Attempt >= 2);
        await AssertEffectsAsync(database, tasks: 1);
    }

    [Fact]
    public async Task An_event_whose_worker_is_killed_before_its_task_is_committed_becomes_one_task()
    {
        var database = await DatabaseAsync();
        var id = await Tables.AddEventAsync(database, Push);
        await using (var held = await HeldLock.TakeAsync(database, "lock table webhooks.agent_tasks in share mode"))
        {
            await using var first = ServiceProcess.Worker(database, await stack.RedisAsync(), ShortLeases);
            await held.HoldsAsync(statements: 1);
            await first.KillAsync();
            await held.ReleaseAsync();
        }

        Assert.Equal(0, await Sql.CountAsync(database, "webhooks.agent_tasks"));
        await using var second = ServiceProcess.Worker(database, await stack.RedisAsync(), ShortLeases);
        var job = await Tables.FinishedJobAsync(database, id);

        Assert.Equal("done", job.State);
        Assert.True(job.Attempt >= 2);
        await Eventually.HoldsAsync(
            "the task is done", async () =>
                await Sql.CountAsync(database, "webhooks.jobs where kind = 'task' and state = 'done'") == 1);
        await AssertEffectsAsync(database, tasks: 1);
    }

    [Fact]
    public async Task A_result_that_is_not_yet_committed_when_its_worker_is_killed_is_published_once()
    {
        var database = await DatabaseAsync();
        var task = await Tables.AddTaskAsync(database, Push);
        await using (var held = await HeldLock.TakeAsync(database, "lock table webhooks.messages in share mode"))
        {
            await using var first = ServiceProcess.Worker(database, await stack.RedisAsync(), ShortLeases);
            await held.HoldsAsync(statements: 1);
            await first.KillAsync();
            await held.ReleaseAsync();
        }

        await using var second = ServiceProcess.Worker(database, await stack.RedisAsync(), ShortLeases);
        var job = await Tables.FinishedJobAsync(database, task);

        Assert.Equal("done", job.State);
        Assert.True(job.Attempt >= 2);
        await AssertEffectsAsync(database, tasks: 1);
    }

    [Fact]
    public async Task A_worker_that_slept_past_its_lease_changes_nothing_when_it_wakes()
    {
        var database = await DatabaseAsync();
        var task = await Tables.AddTaskAsync(database, Push);
        await using var held = await HeldLock.TakeAsync(database, "select 1 from webhooks.agent_tasks for update");
        await using var stale = ServiceProcess.Worker(database, await stack.RedisAsync(), ShortLeases);
        await held.HoldsAsync(statements: 1);
        stale.Freeze();
        await held.ReleaseAsync();
        await using var second = ServiceProcess.Worker(database, await stack.RedisAsync(), ShortLeases);
        var finished = await Tables.FinishedJobAsync(database, task);
        var result = await Sql.ScalarAsync<string>(database, "select result || finished_at from webhooks.agent_tasks");

        stale.Thaw();
        await stale.WroteAsync("was lost");

        Assert.Equal(finished.FinishedAt, (await Tables.JobAsync(database, task)).FinishedAt);
        Assert.Equal(("done", 2), (finished.State, finished.Attempt));
        Assert.Equal(result, await Sql.ScalarAsync<string>(database, "select result || finished_at from webhooks.agent_tasks"));
        await AssertEffectsAsync(database, tasks: 1);
    }

    // Its transaction holds the job's row; Postgres ends it after 10 s of silence.
    [Fact]
    public async Task A_worker_that_sleeps_in_the_middle_of_its_settlement_does_not_keep_the_job()
    {
        var database = await DatabaseAsync();
        var task = await Tables.AddTaskAsync(database, Push);
        await using var held = await HeldLock.TakeAsync(database, "lock table webhooks.messages in share mode");
        await using var stale = ServiceProcess.Worker(database, await stack.RedisAsync(), ShortLeases);
        await held.HoldsAsync(statements: 1);
        stale.Freeze();
        await held.ReleaseAsync();
        await using var second = ServiceProcess.Worker(database, await stack.RedisAsync(), ShortLeases);

        var job = await Tables.FinishedJobAsync(database, task);

        Assert.Equal("done", job.State);
        Assert.True(job.Attempt >= 2);
        await AssertEffectsAsync(database, tasks: 1);
    }

    [Fact]
    public async Task Workers_that_are_killed_again_and_again_finish_every_event_once()
    {
        const int events = 40;
        var database = await DatabaseAsync();
        for (var n = 0; n < events; n++)
        {
            await Tables.AddEventAsync(database, Push);
        }

        foreach (var enough in (int[])[1, events / 4, events / 2])
        {
            await using var worker = ServiceProcess.Worker(database, await stack.RedisAsync(), ShortLeases);
            await Eventually.HoldsAsync($"{enough} tasks are done", async () => await DoneAsync(database) >= enough);
            await worker.KillAsync();
        }

        await using var last = ServiceProcess.Worker(database, await stack.RedisAsync(), ShortLeases);
        await Eventually.HoldsAsync("all tasks are done", async () => await DoneAsync(database) == events);

        await AssertEffectsAsync(database, events);
        Assert.Equal(0, await Sql.CountAsync(database, "webhooks.jobs where kind <> 'delivery' and state <> 'done'"));
    }

    private static Task<long> DoneAsync(string database) =>
        Sql.CountAsync(database, "webhooks.jobs where kind = 'task' and state = 'done'");

    // A database with the two endpoints to which the example playbook's results go.
    private async Task<string> DatabaseAsync()
    {
        var database = await stack.NewDatabaseAsync();
        await Tables.AddEndpointAsync(database, "demo", Nowhere);
        await Tables.AddEndpointAsync(database, "demo", Nowhere);
        return database;
    }

    private static async Task AssertEffectsAsync(string database, int tasks)
    {
        Assert.Equal(tasks, await Sql.CountAsync(database, "webhooks.agent_tasks where result is not null"));
        Assert.Equal(tasks, await Sql.CountAsync(database, "webhooks.agent_tasks"));
        Assert.Equal(tasks, await Sql.CountAsync(database, "webhooks.messages"));
        Assert.Equal(3 * tasks, await Sql.CountAsync(database, "webhooks.agent_steps"));
        Assert.Equal(2 * tasks, await Sql.CountAsync(database, "webhooks.jobs where kind = 'delivery'"));
        Assert.Equal(2 * tasks, await Sql.CountAsync(database, "webhooks.deliveries"));
    }
}
