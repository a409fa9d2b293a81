using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Queue;

/// <summary>Jobs that somebody outside claims, renews and settles, knowing a task's id and a token.</summary>
public sealed class ExternalJobTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_task_is_claimed_by_its_id_and_by_one_claimer_alone()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(3, JobKind.External);
        var task = await Sql.ScalarAsync<Guid>(jobs.ConnectionString, "select ref_id from webhooks.jobs where id = 2");

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ClaimOneAsync(jobs, task)));

        Assert.Equal(2, Assert.Single(claims, claim => claim is not null)!.Id);
        Assert.Null(await ClaimOneAsync(jobs, Guid.CreateVersion7()));
    }

    [Fact]
    public async Task A_lease_that_has_run_out_can_be_claimed_again_and_the_old_holder_changes_nothing()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var old = await jobs.EnqueueAndClaimAsync(JobKind.External);
        Assert.Null(await ClaimOneAsync(jobs, old.RefId));
        await jobs.ExpireAsync(old);

        var current = await ClaimOneAsync(jobs, old.RefId);

        Assert.Equal((old.Id, 2), (current!.Id, current.Attempt));
        Assert.Null(await FindHeldAsync(jobs, old));
        Assert.False(await jobs.SettleAsync(old, JobOutcome.Done()));
        Assert.Equal(current, await FindHeldAsync(jobs, current));
        Assert.True(await jobs.SettleAsync(current, JobOutcome.Done()));
        Assert.Null(await ClaimOneAsync(jobs, old.RefId));
    }

    [Fact]
    public async Task A_holder_finds_its_job_with_its_own_token_while_the_lease_lasts()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var job = await jobs.EnqueueAndClaimAsync(JobKind.External);

        Assert.Equal(job.Id, (await FindHeldAsync(jobs, job))!.Id);
        Assert.Null(await FindHeldAsync(jobs, job with { LeaseToken = Guid.CreateVersion7() }));
        Assert.Null(await FindHeldAsync(jobs, job with { RefId = Guid.CreateVersion7() }));
        Assert.Null(await jobs.Queue.FindHeldAsync(JobKind.Task, job.RefId, job.LeaseToken, Cancellation));
        await jobs.ExpireAsync(job);
        Assert.Null(await FindHeldAsync(jobs, job));
    }

    [Fact]
    public async Task A_task_that_waits_for_a_person_is_not_claimed_before_its_deadline()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var job = await jobs.EnqueueAndClaimAsync(JobKind.External);
        await jobs.SettleAsync(job, JobOutcome.Wait(TimeSpan.FromHours(1)));

        Assert.Null(await ClaimOneAsync(jobs, job.RefId));
        await jobs.ExecuteAsync("update webhooks.jobs set due_at = now()");

        Assert.Equal(1, (await ClaimOneAsync(jobs, job.RefId))!.Attempt);
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("a,b", false)]
    [InlineData(null, true)]
    public async Task Settling_wakes_who_does_what_was_handed_over_and_a_lost_lease_wakes_nobody(string? lanes, bool all)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var job = await jobs.EnqueueAndClaimAsync(JobKind.External);
        var outcome = JobOutcome.Done() with { Wakes = new(JobKind.Delivery) { Lanes = lanes?.Split(',') } };

        Assert.False(await jobs.SettleAsync(job with { LeaseToken = Guid.CreateVersion7() }, outcome, JobKind.External));
        var (anyBefore, before) = jobs.Wakeup.Of(JobKind.Delivery).Take();
        Assert.False(anyBefore);
        Assert.Empty(before);

        Assert.True(await jobs.SettleAsync(job, outcome, JobKind.External));
        var (any, woken) = jobs.Wakeup.Of(JobKind.Delivery).Take();

        Assert.Equal(all, any);
        Assert.Equal(lanes?.Split(',') ?? [], woken.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    private static Task<LeasedJob?> ClaimOneAsync(JobsDatabase jobs, Guid refId) =>
        jobs.Queue.ClaimAsync(JobKind.External, refId, JobsDatabase.Lease, Cancellation);

    private static Task<LeasedJob?> FindHeldAsync(JobsDatabase jobs, LeasedJob job) =>
        jobs.Queue.FindHeldAsync(JobKind.External, job.RefId, job.LeaseToken, Cancellation);
}
