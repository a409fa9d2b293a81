using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Chaos;

public sealed class SenderCrashTests(TestStack stack)
{
    private static readonly (string Key, string Value)[] ShortLease = [("Webhooks__Jobs__Delivery__Lease", "00:00:02")];

    [Fact]
    public async Task A_delivery_whose_sender_is_killed_is_made_by_the_next_one()
    {
        var outbox = await OutboxAsync();
        await using var server = await HoldingServerAsync(new TaskCompletionSource());
        await outbox.AddEndpointAsync(server.Url);
        await outbox.PublishAsync();
        await using (var first = ServiceProcess.Sender(outbox.Database, await stack.RedisAsync(), ShortLease))
        {
            await server.NextAsync();
            await first.KillAsync();
        }

        await using var second = ServiceProcess.Sender(outbox.Database, await stack.RedisAsync(), ShortLease);
        var job = await outbox.FinishedJobAsync();

        Assert.Equal(("done", 2), (job.State, job.Attempt));
        Assert.Equal(2, server.All.Count);
        Assert.Equal([(2, "delivered")], (await outbox.AttemptsAsync()).Select(attempt => (attempt.Attempt, attempt.Outcome)));
        Assert.Single(server.All.Select(request => request.Headers["webhook-id"]).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_sender_that_slept_past_its_lease_logs_no_second_attempt_when_it_wakes()
    {
        var outbox = await OutboxAsync();
        var release = new TaskCompletionSource();
        await using var server = await HoldingServerAsync(release);
        await outbox.AddEndpointAsync(server.Url);
        await outbox.PublishAsync();
        await using var stale = ServiceProcess.Sender(outbox.Database, await stack.RedisAsync(), ShortLease);
        await server.NextAsync();
        stale.Freeze();
        await using var second = ServiceProcess.Sender(outbox.Database, await stack.RedisAsync(), ShortLease);
        var finished = await outbox.FinishedJobAsync();

        release.SetResult();
        stale.Thaw();
        await stale.WroteAsync("was lost");

        var job = Assert.Single(await outbox.JobsAsync());
        Assert.Equal(("done", 2, finished.FinishedAt), (job.State, job.Attempt, job.FinishedAt));
        Assert.Equal([(2, "delivered")], (await outbox.AttemptsAsync()).Select(attempt => (attempt.Attempt, attempt.Outcome)));
    }

    // A delivery that takes its sender down each time must not do so for ever.
    [Fact]
    public async Task A_delivery_that_kills_every_sender_is_buried_in_the_end()
    {
        var outbox = await OutboxAsync();
        await using var server = await MerchantServer.StartAsync();
        await outbox.AddEndpointAsync(server.Url);
        await outbox.PublishAsync();
        await Sql.ExecuteAsync(outbox.Database, """
            update webhooks.jobs set state = 'running', attempt = 8, lease_token = gen_random_uuid(), lease_until = now() - interval '1 s'
            """);

        await using var sender = ServiceProcess.Sender(outbox.Database, await stack.RedisAsync(), ShortLease);
        var job = await outbox.FinishedJobAsync();

        Assert.Equal("buried", job.State);
        Assert.Contains("Given up after 8 starts", job.LastError, StringComparison.Ordinal);
        Assert.Empty(server.All);
    }

    private static Task<MerchantServer> HoldingServerAsync(TaskCompletionSource release) =>
        MerchantServer.StartAsync(
            (request, context) => request.Number == 1 ? release.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask);

    private async Task<Outbox> OutboxAsync()
    {
        var database = await stack.NewDatabaseAsync();
        return new Outbox(database);
    }
}
