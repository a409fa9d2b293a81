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
        Assert.True(handedBack.Has("webhook.job.kind", "external") && handedBack.Has("webhook.job.outcome", "handed_back"));
        await HasAsync("webhook.jobs.due_age", one => one.Value >= TimeSpan.FromDays(10).TotalSeconds);
        go.SetResult();
        await measured.MineAsync("webhook.job.duration", 2);
        await measured.MineAsync("webhook.jobs.settled", 3);
        await pump.StopAsync();

        Assert.All(measured.Mine("webhook.job.duration"), one => Assert.True(one.Value > 0 && IsEvents(one)));
        Assert.Equal(2, measured.Mine("webhook.jobs.settled").Count(
            one => one.Value == 1 && IsEvents(one) && one.Has("webhook.job.outcome", "done")));

        Task HasAsync(string instrument, Func<Measurement, bool> wanted) => Eventually.HoldsAsync(
            $"{instrument} is measured",
            () => Task.FromResult(measured.Mine(instrument).Any(one => IsEvents(one) && wanted(one))));

        static bool IsEvents(Measurement one) => one.Has("webhook.job.kind", "event");
    }
}
