using System.Net;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>One delivery id, posted a thousand times at once, is one event: with Redis's help or without.</summary>
public sealed class DuplicateTests(TestStack stack)
{
    private const int Posts = 1000;

    [Fact]
    public async Task With_Redis_a_thousand_posts_at_once_are_one_event()
    {
        using var redis = new RedisDatabase(await stack.RedisAsync());
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(database, redis.ConnectionString);
        await StormAsync(database, [receiver], _ => { });

        // Remembering follows the answers, and a Redis that is slow for once is left alone for some seconds.
        using var client = receiver.NewClient();
        await Eventually.HoldsAsync("Redis remembers the one delivery", async () =>
            (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "the-one"))).Status == HttpStatusCode.OK
                && redis.Keys().Count == 1);
    }

    [Fact]
    public async Task Without_Redis_a_thousand_posts_at_once_are_one_event()
    {
        var redis = await stack.RedisAsync();
        await using var relay = new Relay(Services.PortOfRedis(redis));
        relay.Cut();

        await StormAsync(Services.RedisThroughPort(redis, relay.Port), _ => { });
    }

    [Theory]
    [InlineData("Memory")]
    [InlineData("None")]
    public async Task With_another_provider_a_thousand_posts_at_once_are_one_event(string provider) =>
        await StormAsync(await stack.RedisAsync(), _ => { }, ("Webhooks:Idempotency:Provider", provider));

    [Fact]
    public async Task With_Redis_cut_half_way_a_thousand_posts_at_once_are_one_event()
    {
        var redis = await stack.RedisAsync();
        await using var relay = new Relay(Services.PortOfRedis(redis));

        await StormAsync(Services.RedisThroughPort(redis, relay.Port), answered =>
        {
            if (answered == Posts / 2)
            {
                relay.Cut();
            }
        });
    }

    [Fact]
    public async Task With_Redis_flushed_half_way_a_thousand_posts_at_once_are_one_event()
    {
        using var redis = new RedisDatabase(await stack.RedisAsync());

        await StormAsync(redis.ConnectionString, answered =>
        {
            if (answered % 250 == 0)
            {
                redis.Flush();
            }
        });
    }

    [Fact]
    public async Task Two_receivers_on_one_database_agree_about_a_thousand_posts_at_once()
    {
        var database = await stack.NewDatabaseAsync();
        var redis = await stack.RedisAsync();
        await using var one = await Services.ReceiverAsync(database, redis);
        await using var other = await Services.ReceiverAsync(database, redis);

        await StormAsync(database, [one, other], _ => { });
    }

    [Fact]
    public async Task Overlapping_batches_in_opposite_order_store_each_event_once()
    {
        var database = await stack.NewDatabaseAsync();
        await using var one = await Services.ReceiverAsync(database, await stack.RedisAsync());
        await using var other = await Services.ReceiverAsync(database, await stack.RedisAsync());
        using var first = one.NewClient();
        using var second = other.NewClient();
        var ids = Enumerable.Range(0, 300).Select(number => $"event-{number}").ToList();

        var answers = await Task.WhenAll(
            first.PostAllAsync(ids.Select(id => SignedRequest.GitHub(Delivery.Body, id))),
            second.PostAllAsync(ids.AsEnumerable().Reverse().Select(id => SignedRequest.GitHub(Delivery.Body, id))));

        Assert.Equal(300, answers.SelectMany(each => each).Count(answer => answer.Status == HttpStatusCode.Accepted));
        Assert.Equal(300, answers.SelectMany(each => each).Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Equal(300, await Sql.CountAsync(database, "webhooks.jobs"));
    }

    private async Task StormAsync(string redis, Action<int> afterAnswer, params (string Key, string Value)[] settings)
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(database, redis, settings);
        await StormAsync(database, [receiver], afterAnswer);
    }

    private static async Task StormAsync(
        string database, IReadOnlyList<ServiceHost<SourceCatalog>> receivers, Action<int> afterAnswer)
    {
        var clients = receivers.Select(receiver => receiver.NewClient()).ToList();
        var answered = 0;

        var statuses = await Task.WhenAll(Enumerable.Range(0, Posts).Select(async number =>
        {
            var answer = await clients[number % clients.Count].PostAsync(SignedRequest.GitHub(Delivery.Body, "the-one"));
            afterAnswer(Interlocked.Increment(ref answered));
            return answer.Status;
        }));

        Assert.Equal(1, statuses.Count(status => status == HttpStatusCode.Accepted));
        Assert.Equal(Posts - 1, statuses.Count(status => status == HttpStatusCode.OK));
        Assert.Equal(1, await Sql.CountAsync(database, "webhooks.inbound_events"));
        Assert.Equal(1, await Sql.CountAsync(database, "webhooks.jobs"));
        clients.ForEach(client => client.Dispose());
    }
}
