using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Queue;

/// <summary>Jobs that wait for the decision of a person.</summary>
public sealed class WaitingJobTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_waiting_job_is_claimed_at_its_deadline_and_never_before()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var job = await WaitingAsync(jobs);
        Assert.Equal(1, await jobs.CountAsync(
            "state = 'waiting' and attempt = 0 and lease_token is null and due_at between now() + interval '59 min' and now() "
                + "+ interval '60 min'"));

        Assert.Empty(await jobs.ClaimAsync(10, JobKind.Task));
        await jobs.ExecuteAsync("update webhooks.jobs set due_at = now()");

        Assert.Equal(
            (job.Id, 1),
            Assert.Single((await jobs.ClaimAsync(10, JobKind.Task)).Select(claimed => (claimed.Id, claimed.Attempt))));
    }

    [Fact]
    public async Task A_decision_makes_it_due_at_once_and_only_once()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var job = await WaitingAsync(jobs);

        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => MakeDueAsync(jobs, job)));

        Assert.Single(made, won => won);
        Assert.Equal(job.Id, Assert.Single(await jobs.ClaimAsync(10, JobKind.Task)).Id);
        Assert.False(await MakeDueAsync(jobs, job));
        Assert.Equal("running", await jobs.OfAsync<string>(job, "state"));
    }

    [Fact]
    public async Task A_decision_that_is_not_committed_wakes_nobody()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var job = await WaitingAsync(jobs);

        Assert.True(await MakeDueAsync(jobs, job, commit: false));

        Assert.Equal("waiting", await jobs.OfAsync<string>(job, "state"));
        Assert.Empty(await jobs.ClaimAsync(10, JobKind.Task));
    }

    [Fact]
    public async Task A_run_cannot_begin_to_wait_while_somebody_decides()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var job = await jobs.EnqueueAndClaimAsync(JobKind.Task);
        await using var connection = new NpgsqlConnection(jobs.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        Assert.False(await JobQueue.MakeDueAsync(job.RefId, transaction, Cancellation));

        var (decided, decidedFirst) = (false, false);
        var settling = jobs.SettleAsync(job, JobOutcome.Wait(TimeSpan.FromHours(1)) with
        {
            Handover = (_, _) =>
            {
                decidedFirst = decided;
                return Task.CompletedTask;
            },
        });
        await Eventually.HoldsAsync("it waits for the decision", async () => await Sql.CountAsync(
            jobs.ConnectionString, "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == 1);
        decided = true;
        await transaction.CommitAsync(Cancellation);

        Assert.True(await settling);
        Assert.True(decidedFirst);
        Assert.Equal("waiting", await jobs.OfAsync<string>(job, "state"));
    }

    [Theory]
    [InlineData(JobKind.Event)]
    [InlineData(JobKind.Delivery)]
    public async Task Only_tasks_wait(JobKind kind)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var job = await jobs.EnqueueAndClaimAsync(kind);

        await Assert.ThrowsAsync<PostgresException>(() => jobs.SettleAsync(job, JobOutcome.Wait(TimeSpan.FromHours(1))));
    }

    private static async Task<LeasedJob> WaitingAsync(JobsDatabase jobs)
    {
        var job = await jobs.EnqueueAndClaimAsync(JobKind.Task);
        Assert.True(await jobs.SettleAsync(job, JobOutcome.Wait(TimeSpan.FromHours(1))));
        return job;
    }

    private static async Task<bool> MakeDueAsync(JobsDatabase jobs, LeasedJob job, bool commit = true)
    {
        await using var connection = new NpgsqlConnection(jobs.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var made = await JobQueue.MakeDueAsync(job.RefId, transaction, Cancellation);
        if (commit)
        {
            await transaction.CommitAsync(Cancellation);
        }

        return made;
    }
}
