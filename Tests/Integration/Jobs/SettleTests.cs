using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Jobs;

public sealed class SettleTests(TestStack stack)
{
    private static readonly Func<JobOutcome>[] Outcomes =
    [
        JobOutcome.Done, JobOutcome.Ignored, () => JobOutcome.Retry(TimeSpan.Zero, "again"), () => JobOutcome.Bury("enough"), JobOutcome.HandBack,
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, "done", 1, true)]
    [InlineData(1, "ignored", 1, true)]
    [InlineData(2, "pending", 1, false)]
    [InlineData(3, "buried", 1, true)]
    [InlineData(4, "pending", 0, false)]
    public async Task Each_outcome_leads_to_its_state(int outcome, string state, int attempt, bool finished)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var job = await jobs.EnqueueAndClaimAsync();

        Assert.True(await jobs.SettleAsync(job, Outcomes[outcome]()));

        Assert.Equal(state, await jobs.OfAsync<string>(job, "state"));
        Assert.Equal(attempt, await jobs.OfAsync<int>(job, "attempt"));
        Assert.Equal(finished, await jobs.OfAsync<bool>(job, "finished_at is not null"));
        Assert.True(await jobs.OfAsync<bool>(job, "lease_token is null and lease_until is null"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_holder_whose_lease_was_rescued_changes_nothing_and_its_handover_does_not_happen(int outcome)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var old = await jobs.EnqueueAndClaimAsync();
        await jobs.ExpireAsync(old);
        Assert.Equal(1, await jobs.Queue.RescueAsync(JobKind.Event, Cancellation));
        await AssertUnchangedAsync();
        var current = Assert.Single(await jobs.ClaimAsync());
        await AssertUnchangedAsync();

        Assert.Equal(2, current.Attempt);
        Assert.True(await jobs.SettleAsync(current, JobOutcome.Done()));
        await AssertUnchangedAsync();

        async Task AssertUnchangedAsync()
        {
            const string Whole = "select j::text from webhooks.jobs j";
            var before = await Sql.ScalarAsync<string>(jobs.ConnectionString, Whole);
            Assert.False(await jobs.SettleAsync(old, Outcomes[outcome]() with { Handover = EnqueueNext }));
            Assert.Equal(before, await Sql.ScalarAsync<string>(jobs.ConnectionString, Whole));
            Assert.Equal(0, await jobs.CountAsync("kind = 'task'"));
        }
    }

    [Fact]
    public async Task Settling_twice_hands_over_once()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var job = await jobs.EnqueueAndClaimAsync();
        var outcome = JobOutcome.Done() with { Handover = EnqueueNext };

        var settled = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => jobs.SettleAsync(job, outcome)));

        Assert.Single(settled, won => won);
        Assert.Equal(1, await jobs.CountAsync("kind = 'task'"));
    }

    [Fact]
    public async Task A_handover_that_fails_undoes_the_settlement()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var job = await jobs.EnqueueAndClaimAsync();

        await Assert.ThrowsAsync<NotSupportedException>(() => jobs.SettleAsync(job, JobOutcome.Done() with
        {
            Handover = async (transaction, cancellation) =>
            {
                await EnqueueNext(transaction, cancellation);
                throw new NotSupportedException();
            },
        }));

        Assert.Equal("running", await jobs.OfAsync<string>(job, "state"));
        Assert.Equal(0, await jobs.CountAsync("kind = 'task'"));
        Assert.True(await jobs.SettleAsync(job, JobOutcome.Done()));
    }

    [Fact]
    public async Task Renewing_extends_what_is_held_and_reports_what_is_lost()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(4);
        var claimed = await jobs.ClaimAsync(4);
        var (held, rescued, settled, stolen) = (claimed[0], claimed[1], claimed[2], claimed[3]);
        await jobs.ExpireAsync(rescued);
        await jobs.ExpireAsync(stolen);
        await jobs.Queue.RescueAsync(JobKind.Event, Cancellation);
        await jobs.ExecuteAsync($"update webhooks.jobs set due_at = now() + interval '1 hour' where id = {rescued.Id}");
        Assert.Equal(stolen.Id, Assert.Single(await jobs.ClaimAsync(4)).Id);
        await jobs.SettleAsync(settled, JobOutcome.Done());

        var renewed = await jobs.Queue.RenewAsync(claimed, TimeSpan.FromHours(10), Cancellation);

        Assert.Equal([held.LeaseToken], renewed);
        Assert.Equal(1, await jobs.CountAsync("lease_until > now() + interval '9 hours'"));
    }

    [Fact]
    public async Task A_lease_that_has_not_run_out_is_not_rescued()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAndClaimAsync();

        Assert.Equal(0, await jobs.Queue.RescueAsync(JobKind.Event, Cancellation));
    }

    [Fact]
    public async Task Concurrent_rescuers_rescue_each_job_once()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(500);
        await jobs.ClaimAsync(500);
        await jobs.ExecuteAsync("update webhooks.jobs set lease_until = now() - interval '1 second'");

        var rescued = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => jobs.Queue.RescueAsync(JobKind.Event, Cancellation)));

        Assert.Equal(500, rescued.Sum());
        Assert.Equal(500, await jobs.CountAsync("state = 'pending' and attempt = 1"));
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("half \ud800 pair")]
    [InlineData("\udc00")]
    public async Task An_error_text_that_the_database_cannot_hold_does_not_keep_a_job_from_being_settled(string error)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var job = await jobs.EnqueueAndClaimAsync();

        Assert.True(await jobs.SettleAsync(job, JobOutcome.Bury(error)));
        Assert.Equal("buried", await jobs.OfAsync<string>(job, "state"));
    }

    [Fact]
    public async Task An_error_text_without_end_is_cut()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var job = await jobs.EnqueueAndClaimAsync();

        await jobs.SettleAsync(job, JobOutcome.Bury(new string('x', 1_000_000)));

        Assert.InRange(await jobs.OfAsync<int>(job, "length(last_error)"), 1, 10_000);
    }

    private static Task EnqueueNext(NpgsqlTransaction transaction, CancellationToken cancellation) =>
        JobQueue.EnqueueAsync(JobKind.Task, Guid.CreateVersion7(), "", transaction, cancellation);
}
