using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Queue;

public sealed class JobMetricsTests(TestStack stack)
{
    [Fact]
    public async Task Outcomes_durations_and_the_age_of_the_oldest_due_job_are_measured()
    {
        using var measured = new Measurements();
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.SettleAsync(await jobs.EnqueueAndClaimAsync(JobKind.External), JobOutcome.HandBack(), JobKind.External);
        await jobs.EnqueueAsync(2);
        await jobs.ExecuteAsync("update webhooks.jobs set due_at = now() - interval '10 days' where kind = 'event'");
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            await go.Task.WaitAsync(cancellation);
            return JobOutcome.Done();
        });
        await using var pump = await PumpHost.StartAsync(
            jobs.ConnectionString, await stack.RedisAsync(), handler, ("PerLane", "1"), ("Lease", "00:00:01"));

        var handedBack = Assert.Single(measured.Mine("webhook.jobs.settled"));
        Assert.True(handedBack.Has("kind", "external") && handedBack.Has("outcome", "handed_back"));
        await HasAsync("webhook.jobs.due_age", one => one.Value >= TimeSpan.FromDays(10).TotalSeconds);
        go.SetResult();
        await measured.MineAsync("webhook.job.duration", 2);
        await measured.MineAsync("webhook.jobs.settled", 3);
        await pump.StopAsync();

        Assert.All(measured.Mine("webhook.job.duration"), one => Assert.True(one.Value > 0 && IsEvents(one)));
        Assert.Equal(2, measured.Mine("webhook.jobs.settled").Count(
            one => one.Value == 1 && IsEvents(one) && one.Has("outcome", "done")));

        Task HasAsync(string instrument, Func<Measurement, bool> wanted) => Eventually.HoldsAsync(
            $"{instrument} is measured",
            () => Task.FromResult(measured.Mine(instrument).Any(one => IsEvents(one) && wanted(one))));

        static bool IsEvents(Measurement one) => one.Has("kind", "event");
    }

    // A search looks at a thousand lanes. The oldest job is among the first of them here, or among the last.
    [Theory]
    [InlineData("0000")]
    [InlineData("1800")]
    public async Task The_age_of_the_oldest_due_job_is_that_of_all_lanes_however_many_there_are(string oldest)
    {
        using var measured = new Measurements();
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.ExecuteAsync($"""
            insert into webhooks.jobs (kind, ref_id, lane) select 'event', gen_random_uuid(), to_char(i, 'FM0000') from generate_series(0, 1999) i;
            insert into webhooks.jobs (kind, ref_id, lane, due_at)
            select 'event', gen_random_uuid(), '{oldest}', now() - interval '10 days' from generate_series(1, 10)
            """);
        var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            return JobOutcome.Done();
        });

        await using var pump = await PumpHost.StartAsync(
            jobs.ConnectionString, await stack.RedisAsync(), handler,
            ("Concurrency", "1"), ("PerLane", "1"), ("Poll", "00:00:00.05"), ("Grace", "00:00:00"));
        await measured.MineAsync("webhook.jobs.due_age", 4);

        Assert.All(
            measured.Mine("webhook.jobs.due_age").Where(one => one.Has("kind", "event")),
            one => Assert.True(one.Value >= TimeSpan.FromDays(9).TotalSeconds, $"{one.Value} s"));
        Assert.True(await jobs.Queue.DueAgeAsync(JobKind.Event, TestContext.Current.CancellationToken) > TimeSpan.FromDays(9));
    }
}
