using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Queue;

public sealed class WakeupTests(TestStack stack)
{
    private static readonly TimeSpan LessThanAPoll = TimeSpan.FromSeconds(50);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_that_another_process_enqueued_is_found_through_Redis_long_before_the_next_poll()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await using var pump = await StartAsync(jobs, await stack.RedisAsync(), "00:01:00");
        await using var receiver = await Services.ReceiverAsync(jobs.ConnectionString, await stack.RedisAsync());
        using var client = receiver.NewClient();

        using var answer = await client.SendAsync(SignedRequest.GitHub("{}"), Cancellation);

        await DoneAsync(jobs, 1).WaitAsync(LessThanAPoll, Cancellation);
    }

    [Fact]
    public async Task Without_Redis_a_job_is_found_by_polling()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var redis = await stack.RedisAsync();
        await using var relay = new Relay(Services.PortOfRedis(redis));
        relay.Cut();
        await using var pump = await StartAsync(jobs, Services.RedisThroughPort(redis, relay.Port), "00:00:00.2");

        await jobs.EnqueueAsync(3);

        await DoneAsync(jobs, 3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_Redis_comes_back_or_comes_late_it_wakes_again(bool thereAtStart)
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var redis = await stack.RedisAsync();
        await using var relay = new Relay(Services.PortOfRedis(redis));
        if (!thereAtStart)
        {
            relay.Cut();
        }

        await using var pump = await StartAsync(jobs, Services.RedisThroughPort(redis, relay.Port), "00:01:00");
        await using var other = await StartAsync(await JobsDatabase.CreateAsync(stack), redis, "00:01:00");
        relay.Cut();
        relay.Restore();
        await jobs.EnqueueAsync(1);

        await Eventually.HoldsAsync("it wakes", async () =>
        {
            other.Wakeup.Notify(JobKind.Event);
            return await jobs.CountAsync("state = 'done'") == 1;
        }).WaitAsync(LessThanAPoll, Cancellation);
    }

    [Fact]
    public async Task A_pump_yields_to_an_intake_that_refuses_requests_until_its_own_jobs_are_late()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var redis = await stack.RedisAsync();
        await using var pump = await PumpHost.StartAsync(
            jobs.ConnectionString, redis, new ScriptedHandler(), ("Poll", "00:00:00.1"), ("YieldFor", "00:00:03"));
        await using var intake = await PumpHost.StartAsync(
            jobs.ConnectionString, redis, new ScriptedHandler(), ("Concurrency", "1"), ("YieldFor", "00:00:03"));

        // Asked throughout: were it not for the limit, nothing would ever be claimed.
        await Eventually.HoldsAsync("a job is done when it is late", async () =>
        {
            intake.Wakeup.AskToYield();
            await jobs.EnqueueAsync(1);
            return await jobs.CountAsync("finished_at - due_at >= interval '3 seconds'") > 0;
        }).WaitAsync(LessThanAPoll, Cancellation);
    }

    [Fact]
    public async Task A_pump_that_yields_for_no_time_claims_whatever_the_intake_asks()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await using var pump = await PumpHost.StartAsync(
            jobs.ConnectionString, await stack.RedisAsync(), new ScriptedHandler(), ("Poll", "00:01:00"), ("YieldFor", "00:00:00"));

        // Asked throughout: a pump that obeyed would claim nothing.
        await Eventually.HoldsAsync("it works all the same", async () =>
        {
            pump.Wakeup.AskToYield();
            await jobs.EnqueueAsync(1);
            pump.Wakeup.Notify(JobKind.Event);
            return await jobs.CountAsync("state = 'done'") > 5;
        }).WaitAsync(LessThanAPoll, Cancellation);
    }

    private static Task<PumpHost> StartAsync(JobsDatabase jobs, string redis, string poll) =>
        PumpHost.StartAsync(jobs.ConnectionString, redis, new ScriptedHandler(), ("Poll", poll));

    private static Task DoneAsync(JobsDatabase jobs, int count) =>
        Eventually.HoldsAsync($"{count} jobs are done", async () => await jobs.CountAsync("state = 'done'") == count);
}
