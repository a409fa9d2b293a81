using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Queue;

public sealed class SettleTests(TestStack stack)
{
    private static readonly Func<JobOutcome>[] Outcomes =
    [
        JobOutcome.Done, JobOutcome.Ignored, () =>
            JobOutcome.Retry(TimeSpan.Zero, "again"), () => JobOutcome.Bury("enough"), JobOutcome.HandBack,
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
    public async Task A_holder_whose_job_was_claimed_again_changes_nothing_and_its_handover_does_not_happen(int outcome)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var old = await jobs.EnqueueAndClaimAsync();
        await jobs.ExpireAsync(old);
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
        var (held, expired, settled, stolen) = (claimed[0], claimed[1], claimed[2], claimed[3]);
        await jobs.ExpireAsync(stolen);
        Assert.Equal(stolen.Id, Assert.Single(await jobs.ClaimAsync(4)).Id);
        await jobs.ExpireAsync(expired);
        await jobs.SettleAsync(settled, JobOutcome.Done());

        var (renewed, locked) = await jobs.RenewAsync(claimed, TimeSpan.FromHours(10));

        // After an outage ours are still ours unless somebody took them.
        Assert.Equal([held.Id, expired.Id], renewed.Select(one => one.Item1).Order());
        Assert.Empty(locked);
        Assert.Equal(2, await jobs.CountAsync("lease_until > now() + interval '9 hours'"));
    }

    [Fact]
    public async Task A_row_that_somebody_has_locked_does_not_keep_the_other_leases_from_being_renewed()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(4);
        var claimed = (await jobs.ClaimAsync(4)).OrderBy(job => job.Id).ToList();
        await using var connection = new NpgsqlConnection(jobs.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var decision = await connection.BeginTransactionAsync(Cancellation);
        await JobQueue.MakeDueAsync(claimed[1].RefId, decision, Cancellation);

        var (renewed, locked) = await jobs.RenewAsync(claimed, TimeSpan.FromHours(10));

        Assert.Equal([claimed[0].Id, claimed[2].Id, claimed[3].Id], renewed.Select(one => one.Item1).Order());
        Assert.Equal((claimed[1].Id, claimed[1].LeaseToken), Assert.Single(locked));
    }

    [Fact]
    public async Task A_lease_that_has_not_run_out_is_respected()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAndClaimAsync();

        Assert.Empty(await jobs.ClaimAsync());
        Assert.Empty((await jobs.FindDueAsync(null)).Lanes);
    }

    [Fact]
    public async Task A_job_that_was_left_behind_keeps_its_place_in_the_line_and_says_so()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(10);
        var first = Assert.Single(await jobs.ClaimAsync());
        await jobs.ExpireAsync(first);
        Assert.Equal([""], (await jobs.FindDueAsync(null)).Lanes);

        var again = Assert.Single(await jobs.ClaimAsync());

        Assert.Equal((first.Id, 2, 0), (again.Id, again.Attempt, again.Failures));
        Assert.True(again.HadExpired);
        Assert.Equal("The lease expired.", await jobs.OfAsync<string>(again, "last_error"));
    }

    [Fact]
    public async Task Of_two_runs_of_one_job_that_end_together_only_the_holder_is_settled()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var old = await jobs.EnqueueAndClaimAsync();
        await jobs.ExpireAsync(old);
        var current = Assert.Single(await jobs.ClaimAsync());
        var (ofOld, ofCurrent) = (0, 0);

        var held = await jobs.SettleTogetherAsync(
            new(old, JobOutcome.Bury("old") with { Handover = (_, _) => Task.FromResult(++ofOld) }),
            new(current, JobOutcome.Done() with { Handover = (_, _) => Task.FromResult(++ofCurrent) }));

        Assert.Equal((current.Id, current.LeaseToken), Assert.Single(held));
        Assert.Equal((0, 1), (ofOld, ofCurrent));
        Assert.True(await jobs.OfAsync<bool>(current, "state = 'done' and last_error is distinct from 'old'"));
    }

    [Fact]
    public async Task Concurrent_claimers_take_each_job_that_was_left_behind_once()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(500);
        await jobs.ClaimAsync(500);
        await jobs.ExecuteAsync("update webhooks.jobs set lease_until = now() - interval '1 second'");

        var claimed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => jobs.ClaimAsync(500)));

        Assert.Equal(500, claimed.Sum(mine => mine.Count));
        Assert.Equal(500, await jobs.CountAsync("state = 'running' and attempt = 2"));
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

    private static async Task EnqueueNext(NpgsqlTransaction transaction, CancellationToken cancellation) =>
        await transaction.ExecuteAsync([JobsDatabase.Enqueue(JobKind.Task, Guid.CreateVersion7())], cancellation);
}
