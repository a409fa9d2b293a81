using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender;

public sealed class InterruptedTests(TestStack stack)
{
    [Fact]
    public async Task A_post_that_a_stopping_Sender_gave_up_counts_as_an_attempt()
    {
        var outbox = new Outbox(await stack.NewDatabaseAsync());
        var redis = await stack.RedisAsync();
        await using var server = await MerchantServer.StartAsync((request, context) =>
        {
            var gone = new TaskCompletionSource();
            context.RequestAborted.Register(gone.SetResult);
            return request.Number == 1 ? gone.Task : Task.CompletedTask;
        });

        await using (await Services.SenderAsync(outbox.Database, redis, ("Webhooks:Jobs:Delivery:Grace", "00:00:00")))
        {
            await outbox.AddEndpointAsync(server.Url);
            await outbox.PublishAsync();
            await server.NextAsync();
        }

        await using var next = await Services.SenderAsync(outbox.Database, redis);
        var job = await outbox.FinishedJobAsync();

        Assert.Equal(("done", 2), (job.State, job.Attempt));
        Assert.Equal(2, server.All.Count);
        Assert.Equal([(1, "interrupted"), (2, "delivered")], (await outbox.AttemptsAsync()).Select(a => (a.Attempt, a.Outcome)));
    }

    [Fact]
    public async Task A_post_that_ends_within_the_grace_of_a_stopping_Sender_is_kept()
    {
        var outbox = new Outbox(await stack.NewDatabaseAsync());
        var release = new TaskCompletionSource();
        await using var server = await MerchantServer.StartAsync((_, _) => release.Task);
        var sender = await Services.SenderAsync(outbox.Database, await stack.RedisAsync());
        await outbox.AddEndpointAsync(server.Url);
        await outbox.PublishAsync();
        await server.NextAsync();

        var stopping = sender.DisposeAsync();
        release.SetResult();
        await stopping;

        var job = await outbox.FinishedJobAsync();
        Assert.Equal(("done", 1), (job.State, job.Attempt));
        Assert.Single(server.All);
    }
}
