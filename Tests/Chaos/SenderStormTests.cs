using System.Globalization;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Chaos;

public sealed class SenderStormTests(TestStack stack)
{
    private const int Messages = 15;
    private const int Kills = 5;

    // Short enough that everything comes to its end, with attempts enough that nothing is given up.
    private static readonly (string Key, string Value)[] Settings =
    [
        ("Webhooks__Jobs__Delivery__Lease", "00:00:02"), ("Webhooks__Jobs__Delivery__Poll", "00:00:00.1"),
        ("Webhooks__Delivery__Timeout", "00:00:01"), ("Webhooks__Delivery__MaxRetries", "20"),
        ("Webhooks__Delivery__MaxConsecutiveFailures", "10000"),
        ("Webhooks__Delivery__Circuit__Hold", "00:00:00.5"), ("Webhooks__Delivery__Circuit__MaxHold", "00:00:01"),
    ];

    [Fact]
    public async Task Nothing_is_lost_and_every_POST_is_counted_when_Senders_are_killed_while_endpoints_fail_hang_and_recover()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seed {seed}"));
        var random = new Random(seed);
        var database = await stack.NewDatabaseAsync();
        var outbox = new Outbox(database);
        await using var steady = await MerchantServer.StartAsync();
        await using var failing = await FailingAsync(25, _ => Task.CompletedTask);
        await using var hanging = await FailingAsync(
            12, context => new TaskCompletionSource().Task.WaitAsync(context.RequestAborted));
        await using var changing = await MerchantServer.StartAsync((request, context) =>
        {
            context.Response.StatusCode = request.Number % 2 == 0 ? 200 : 503;
            if (request.Number % 5 == 0)
            {
                context.Abort();
            }

            return Task.CompletedTask;
        });
        var servers = new Dictionary<string, MerchantServer>(StringComparer.Ordinal);
        foreach (var server in (MerchantServer[])[steady, failing, hanging, changing])
        {
            servers.Add((await outbox.AddEndpointAsync(server.Url)).ToString(), server);
        }

        for (var message = 0; message < Messages; message++)
        {
            await outbox.PublishAsync();
        }

        await KillAsync(outbox, servers.Values, random);
        await using (ServiceProcess.Sender(database, await stack.RedisAsync(), Settings))
        await using (ServiceProcess.Sender(database, await stack.RedisAsync(), Settings))
        {
            await EndedAsync(outbox);
        }

        await AssertConsistentAsync(outbox, servers);
    }

    private async Task KillAsync(Outbox outbox, IReadOnlyCollection<MerchantServer> servers, Random random)
    {
        await using var other = ServiceProcess.Sender(outbox.Database, await stack.RedisAsync(), Settings);
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var killed = ServiceProcess.Sender(outbox.Database, await stack.RedisAsync(), Settings);
            await killed.AddressAsync();
            await outbox.PublishAsync();
            var until = servers.Sum(server => server.All.Count) + random.Next(1, 6);
            await Eventually.HoldsAsync("some more requests have come, or all have", async () =>
            {
                await HurryAsync(outbox);
                return servers.Sum(server => server.All.Count) >= until || (await outbox.JobsAsync())
                    .TrueForAll(job => job.FinishedAt is not null);
            });
            await killed.KillAsync();
        }
    }

    // In place of waiting for the schedule; what somebody works on is left alone.
    private static Task HurryAsync(Outbox outbox) => Sql.ExecuteAsync(outbox.Database, """
        update webhooks.jobs job set due_at = now()
        from (select id from webhooks.jobs where state = 'pending' and due_at > now() + interval '2 s' for update skip locked) later
        where job.id = later.id
        """);

    private static Task EndedAsync(Outbox outbox) => Eventually.HoldsAsync("all deliveries have ended", async () =>
    {
        await HurryAsync(outbox);
        return (await outbox.JobsAsync()).TrueForAll(job => job.FinishedAt is not null);
    });

    private static async Task AssertConsistentAsync(Outbox outbox, Dictionary<string, MerchantServer> servers)
    {
        var (jobs, attempts) = (await outbox.JobsAsync(), (await outbox.AttemptsAsync()).ToLookup(attempt => attempt.JobId));
        await using var db = Tables.Open(outbox.Database);
        var messages = db.Deliveries.ToDictionary(delivery => delivery.Id, delivery => delivery.MessageId);
        Assert.Equal((Messages + Kills) * servers.Count, jobs.Count);
        Assert.All(jobs, job =>
        {
            var posts = servers[job.Lane].All.Count(request => request.Headers["webhook-id"] == messages[job.RefId]);
            var logged = attempts[job.Id].ToList();
            Assert.Equal("done", job.State);
            Assert.Equal(logged.Count, logged.Select(attempt => attempt.Attempt).Distinct().Count());
            Assert.Equal(job.Attempt, logged.Single(attempt => attempt.Outcome == "delivered").Attempt);
            Assert.InRange(logged.Count, 1, job.Attempt);

            // A start that was killed may have made its POST and is not in the log; none is made beneath the counter.
            Assert.InRange(posts, 1, job.Attempt);
        });
        Assert.All(db.Endpoints.ToList(), endpoint => Assert.True(endpoint.Active));
    }

    private static Task<MerchantServer> FailingAsync(int requests, Func<HttpContext, Task> before) =>
        MerchantServer.StartAsync(async (request, context) =>
    {
        if (request.Number <= requests)
        {
            await before(context);
            context.Response.StatusCode = 500;
        }
    });
}
