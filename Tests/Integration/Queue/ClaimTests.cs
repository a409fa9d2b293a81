using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Queue;

public sealed class ClaimTests(TestStack stack)
{
    [Fact]
    public async Task A_claim_waits_for_no_flush_and_leaves_its_connection_as_it_was()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        await jobs.ExecuteAsync("""
            create table seen (setting text);
            create function see() returns trigger language plpgsql as $$
            begin insert into seen values (current_setting('synchronous_commit')); return new; end $$;
            create trigger see before update on webhooks.jobs for each row execute function see()
            """);
        await using var one = NpgsqlDataSource.Create($"{jobs.ConnectionString};Maximum Pool Size=1");

        await jobs.Claims(source: one).ClaimAsync([new("", 1, 1)], TestContext.Current.CancellationToken);

        Assert.Equal("off", await Sql.ScalarAsync<string>(jobs.ConnectionString, "select setting from seen"));
        await using var after = one.CreateCommand("show synchronous_commit");
        Assert.Equal("on", await after.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Concurrent_claimers_never_share_a_job_and_leave_none()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(8000);

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var mine = new List<LeasedJob>();
            while (await jobs.ClaimAsync(37) is { Count: > 0 } some)
            {
                mine.AddRange(some);
            }

            return mine;
        })));

        var all = claims.SelectMany(mine => mine).ToList();
        Assert.Equal(8000, all.Count);
        Assert.Equal(8000, all.Select(job => job.Id).Distinct().Count());
        Assert.Equal(8000, await jobs.CountAsync("state = 'running' and attempt = 1"));
    }

    [Fact]
    public async Task Jobs_are_claimed_in_the_order_in_which_they_are_due()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(100);
        await jobs.ExecuteAsync("update webhooks.jobs set due_at = now() - id * interval '1 second'");

        var claimed = new List<long>();
        while (await jobs.ClaimAsync(7) is { Count: > 0 } some)
        {
            claimed.AddRange(some.Select(job => job.Id));
        }

        Assert.Equal(Enumerable.Range(1, 100).Select(id => (long)id).Reverse(), claimed);
    }

    [Fact]
    public async Task A_job_that_is_not_due_yet_is_not_claimed()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        await jobs.ExecuteAsync("update webhooks.jobs set due_at = now() + interval '1 minute'");

        Assert.Empty(await jobs.ClaimAsync(10));
    }

    [Theory]
    [InlineData(JobKind.Event)]
    [InlineData(JobKind.Task)]
    [InlineData(JobKind.External)]
    [InlineData(JobKind.Delivery)]
    public async Task Jobs_of_one_kind_alone_are_claimed(JobKind kind)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        foreach (var each in Enum.GetValues<JobKind>())
        {
            await jobs.EnqueueAsync(3, each);
        }

        Assert.Equal(3, (await jobs.ClaimAsync(100, kind)).Count);
        Assert.Equal(3, await jobs.CountAsync($"state = 'running' and kind = '{kind.Name()}'"));
        Assert.Equal(9, await jobs.CountAsync("state = 'pending'"));
    }

    [Fact]
    public async Task A_job_whose_enqueuing_is_not_committed_is_not_claimed()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var first = await jobs.EnqueueAndClaimAsync();
        var claimedMeanwhile = -1;

        await jobs.SettleAsync(first, JobOutcome.Done() with
        {
            Handover = async (transaction, cancellation) =>
            {
                await transaction.ExecuteAsync([JobsDatabase.Enqueue(JobKind.Event, first.RefId)], cancellation);
                claimedMeanwhile = (await jobs.ClaimAsync(10)).Count;
            },
        });

        Assert.Equal(0, claimedMeanwhile);
        Assert.Single(await jobs.ClaimAsync(10));
    }

    [Fact]
    public async Task A_claimer_passes_jobs_that_another_transaction_holds()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(10);
        await using var other = new NpgsqlConnection(jobs.ConnectionString);
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = new NpgsqlCommand("select 1 from webhooks.jobs where id <= 4 for update", other, transaction);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        Assert.Equal([5, 6, 7, 8, 9, 10], (await jobs.ClaimAsync(100)).Select(job => job.Id).Order());
    }
}
