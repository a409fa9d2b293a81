using System.Collections.Concurrent;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Queue;

/// <summary>Outcomes that share a transaction.</summary>
public sealed class SettleTogetherTests(TestStack stack)
{
    private const string EnqueueSql =
        "insert into webhooks.jobs (kind, ref_id, lane) select 'external', ref_id, '' from unnest($1) ref_id";

    private static readonly JobStatement<Guid> External = new(ids => new(EnqueueSql)
    {
        Parameters = { new() { Value = ids.ToArray() } },
    });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_of_the_held_jobs_gets_its_own_outcome_and_the_lost_ones_get_none()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(5, JobKind.Task);
        var claimed = await jobs.ClaimAsync(5, JobKind.Task);
        JobOutcome[] outcomes =
        [
            JobOutcome.Done(), JobOutcome.Retry(TimeSpan.FromHours(2), "again"), JobOutcome.Wait(TimeSpan.FromHours(3)),
            JobOutcome.Bury("enough"),
        ];
        var lost = claimed[4] with { LeaseToken = Guid.CreateVersion7() };

        var held = await SettleAsync(
            jobs, [.. claimed.Zip(outcomes, (job, outcome) => new Settlement(job, With(outcome))),
                new(lost, With(JobOutcome.Done()))]);

        Assert.Equal(claimed.Take(4).Select(job => job.Id).Order(), held.Select(one => one.Item1).Order());
        Assert.Equal("done", await jobs.OfAsync<string>(claimed[0], "state"));
        Assert.True(
            await jobs.OfAsync<bool>(
                claimed[1],
                "state = 'pending' and last_error = 'again' and attempt = 1 and due_at > now() + interval '119 min'"));
        Assert.True(
            await jobs.OfAsync<bool>(
                claimed[2], "state = 'waiting' and last_error is null and attempt = 0 and due_at > now() + interval '179 min'"));
        Assert.True(await jobs.OfAsync<bool>(claimed[3], "state = 'buried' and last_error = 'enough' and attempt = 1"));
        Assert.Equal("running", await jobs.OfAsync<string>(claimed[4], "state"));
        Assert.Equal(4, await jobs.CountAsync("kind = 'external'"));
    }

    [Fact]
    public async Task One_handover_that_fails_undoes_them_all()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(3);
        var claimed = await jobs.ClaimAsync(3);
        var refused = JobOutcome.Done() with { Handover = (_, _) => throw new NotSupportedException() };

        await Assert.ThrowsAsync<NotSupportedException>(() => SettleAsync(
            jobs, new(claimed[0], With(JobOutcome.Done())), new(claimed[1], refused), new(claimed[2], With(JobOutcome.Done()))));

        Assert.Equal(3, await jobs.CountAsync("state = 'running'"));
        Assert.Equal(0, await jobs.CountAsync("kind = 'external'"));
    }

    [Fact]
    public async Task Outcomes_that_are_ready_at_the_same_time_share_a_transaction()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(500);
        await using var database = NpgsqlDataSource.Create(jobs.ConnectionString);
        var settlement = NewSettlement(database);
        foreach (var job in await jobs.ClaimAsync(500))
        {
            await settlement.AddAsync(new(job, JobOutcome.Done()));
        }

        settlement.Complete();
        await settlement.RunAsync(Cancellation);

        Assert.Equal(500, await jobs.CountAsync("state = 'done'"));
        const string Transactions = "select count(distinct xmin::text) from webhooks.jobs";
        Assert.Equal(1, await Sql.ScalarAsync<long>(jobs.ConnectionString, Transactions));
    }

    [Fact]
    public async Task An_outcome_that_cannot_be_stored_does_not_keep_the_others_from_being_settled()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(60);
        var handler = new ScriptedHandler(
            (job, _) => Task.FromResult(job.Id % 20 == 0 ? JobOutcome.Wait(TimeSpan.FromHours(1)) : JobOutcome.Done()));
        await using var pump = await StartAsync(jobs, handler, ("Concurrency", "30"));

        await AllAsync(jobs, "done", 57);
        await AllAsync(jobs, "running", 3, "id % 20 = 0 and finished_at is null");
    }

    [Fact]
    public async Task A_pump_settles_the_others_when_some_handovers_are_refused()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(60);
        var handler = new ScriptedHandler((job, _) => Task.FromResult(job.Id % 10 == 0
            ? JobOutcome.Done() with { Handover = (_, _) => throw new InvalidOperationException("no") }
            : With(JobOutcome.Done())));
        await using var pump = await StartAsync(jobs, handler, ("Concurrency", "30"));

        await AllAsync(jobs, "pending", 6, "kind = 'event' and attempt = 1 and last_error = 'InvalidOperationException: no'");
        await AllAsync(jobs, "done", 54);

        Assert.Equal(54, await jobs.CountAsync("kind = 'external'"));
        Assert.Equal(60, handler.Runs.Count);
    }

    [Fact]
    public async Task A_handover_that_waits_for_a_lock_does_not_keep_the_others_from_being_settled()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.ExecuteAsync("create table contended (id int primary key); insert into contended values (1)");
        await using var connection = new NpgsqlConnection(jobs.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var hold = new NpgsqlCommand("select 1 from contended for update", connection, transaction);
        await hold.ExecuteNonQueryAsync(Cancellation);
        await jobs.EnqueueAsync(100);
        var handler = new ScriptedHandler(
            (job, _) => Task.FromResult(job.Id % 20 == 1 ? JobOutcome.Done() with { Handover = TouchAsync } : JobOutcome.Done()));
        await using var pump = await StartAsync(jobs, handler, ("Concurrency", "10"));

        await AllAsync(jobs, "done", 95);
        Assert.Equal(5, await jobs.CountAsync("state = 'running'"));
        await transaction.CommitAsync(Cancellation);

        await AllAsync(jobs, "done", 100);
        Assert.Equal(100, handler.Runs.Count);
    }

    [Fact]
    public async Task At_a_stop_an_outcome_that_waits_for_a_lock_does_not_keep_the_others_from_being_settled()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.ExecuteAsync("create table contended (id int primary key); insert into contended values (1)");
        await using var connection = new NpgsqlConnection(jobs.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var hold = new NpgsqlCommand("select 1 from contended for update", connection, transaction);
        await hold.ExecuteNonQueryAsync(Cancellation);
        await jobs.EnqueueAsync(10);
        await using var database = NpgsqlDataSource.Create(jobs.ConnectionString);
        var settlement = NewSettlement(database);
        foreach (var (at, job) in (await jobs.ClaimAsync(10)).Index())
        {
            await settlement.AddAsync(new(job, at < 3 ? JobOutcome.Done() with { Handover = TouchAsync } : JobOutcome.Done()));
        }

        settlement.Complete();
        var settling = settlement.RunAsync(Cancellation);

        await AllAsync(jobs, "done", 7);
        Assert.False(settling.IsCompleted);
        await transaction.CommitAsync(Cancellation);
        await settling;
        Assert.Equal(10, await jobs.CountAsync("state = 'done'"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task A_handover_that_always_times_out_is_a_failed_attempt_and_keeps_no_other_from_being_settled(int count)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(count);
        var handler = new ScriptedHandler(
            (job, _) => Task.FromResult(job.Id == 1 ? JobOutcome.Done() with { Handover = HangAsync } : JobOutcome.Done()));

        await using var pump = await StartAsync(jobs, handler, ("Concurrency", "20"));

        await AllAsync(jobs, "pending", 1, "id = 1 and attempt = 1 and failures = 1 and last_error like 'NpgsqlException:%'");
        await AllAsync(jobs, "done", count - 1);
        Assert.Equal(count, handler.Runs.Count);

        static async Task HangAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
        {
            await using var command = new NpgsqlCommand(
                "select pg_sleep(600)", transaction.Connection, transaction) { CommandTimeout = 1 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    [Fact]
    public async Task What_fails_after_the_commit_is_told_of_and_keeps_no_other_outcome_from_being_noted()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(10);
        await using var database = NpgsqlDataSource.Create(jobs.ConnectionString);
        var (committed, ended) = (new ConcurrentQueue<long>(), new ConcurrentQueue<long>());
        var settlement = NewSettlement(database);
        foreach (var (at, job) in (await jobs.ClaimAsync(10)).Index())
        {
            var outcome = JobOutcome.Done() with
            {
                Committed = () =>
                {
                    committed.Enqueue(job.Id);
                    _ = at == 3 ? throw new NotSupportedException() : true;
                },
            };
            await settlement.AddAsync(new(job, outcome) { Ended = () => ended.Enqueue(job.Id) });
        }

        settlement.Complete();
        await settlement.RunAsync(Cancellation);

        Assert.Equal(10, await jobs.CountAsync("state = 'done'"));
        Assert.Equal(Enumerable.Range(1, 10).Select(id => (long)id), committed.Order());
        Assert.Equal(Enumerable.Range(1, 10).Select(id => (long)id), ended.Order());
    }

    // The same rows, by statements that each lock many of them.
    [Fact]
    public async Task Renewing_and_settling_the_same_jobs_at_once_never_deadlock()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(2000);
        var claimed = await jobs.ClaimAsync(2000);
        var settling = Task.Run(async () =>
        {
            foreach (var some in claimed.Reverse().Chunk(50))
            {
                await SettleAsync(jobs, [.. some.Select(job => new Settlement(job, JobOutcome.Done()))]);
            }
        }, Cancellation);

        do
        {
            await jobs.RenewAsync(claimed, JobsDatabase.Lease);
        }
        while (!settling.IsCompleted);
        await settling;

        Assert.Equal(2000, await jobs.CountAsync("state = 'done'"));
    }

    [Fact]
    public async Task What_is_ready_when_the_stop_comes_is_settled()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(20);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler(async (job, cancellation) =>
        {
            await go.Task.WaitAsync(cancellation);
            return job.Id % 2 == 0 ? JobOutcome.Done() : With(JobOutcome.Done());
        });
        await using var pump = await StartAsync(jobs, handler, ("Concurrency", "20"), ("Grace", "00:00:00"));
        await Eventually.HoldsAsync("all run", () => Task.FromResult(handler.Runs.Count == 20));
        await using var connection = new NpgsqlConnection(jobs.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var hold = new NpgsqlCommand("lock table webhooks.jobs in exclusive mode", connection, transaction);
        await hold.ExecuteNonQueryAsync(Cancellation);
        go.SetResult();
        await Eventually.HoldsAsync("the first settlement waits", async () => await Sql.CountAsync(
            jobs.ConnectionString,
            "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like "
            + "'%finished_at%'") > 0);

        var stopping = pump.StopAsync();
        await transaction.CommitAsync(Cancellation);
        await stopping;

        Assert.Equal(20, await jobs.CountAsync("state = 'done'"));
        Assert.Equal(10, await jobs.CountAsync("kind = 'external'"));
    }

    private static Task<IReadOnlySet<(long, Guid)>> SettleAsync(JobsDatabase jobs, params Settlement[] settlements) =>
        jobs.SettleTogetherAsync(settlements);

    private static JobSettlement NewSettlement(NpgsqlDataSource database) => new(
        JobKind.Event, database, new(JobKind.Event, JobsDatabase.Lease, database, TimeProvider.System, NullLogger.Instance),
        new(NullLogger<JobWakeup>.Instance), (_, exception) => throw exception, (_, _) => { }, TimeProvider.System,
        NullLogger.Instance);

    private static JobOutcome With(JobOutcome outcome) => outcome with
    {
        Writes = [External.Of(Guid.CreateVersion7())],
    };

    private static async Task TouchAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("update contended set id = id", transaction.Connection, transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<PumpHost> StartAsync(
        JobsDatabase jobs, ScriptedHandler handler, params (string Key, string Value)[] settings) =>
        await PumpHost.StartAsync(jobs.ConnectionString, await stack.RedisAsync(), handler, settings);

    private static Task AllAsync(JobsDatabase jobs, string state, int count, string more = "true") =>
        Eventually.HoldsAsync(
            $"{count} jobs are {state}, {more}", async () => await jobs.CountAsync($"state = '{state}' and {more}") == count);
}
