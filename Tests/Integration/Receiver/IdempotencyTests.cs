using System.Net;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>What remembers delivery ids in front of Postgres.</summary>
public sealed class IdempotencyTests(TestStack stack)
{
    [Fact]
    public async Task Redis_forgets_a_delivery_id_after_the_configured_time()
    {
        using var redis = new RedisDatabase(await stack.RedisAsync());
        await using var receiver = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(), redis.ConnectionString, ("Webhooks:Idempotency:Ttl", "02:00:00"));
        using var client = receiver.NewClient();

        await Eventually.HoldsAsync("Redis remembers the delivery", async () =>
            (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "event"))).Status is HttpStatusCode.Accepted
                or HttpStatusCode.OK
            && redis.Keys().Count == 1);

        Assert.InRange(redis.TimeToLive(redis.Keys()[0]), TimeSpan.FromMinutes(110), TimeSpan.FromHours(2));
    }

    [Theory]
    [InlineData("Memory")]
    [InlineData("None")]
    public async Task Another_provider_leaves_Redis_alone_and_knows_duplicates_all_the_same(string provider)
    {
        using var redis = new RedisDatabase(await stack.RedisAsync());
        var database = await stack.NewDatabaseAsync();
        await using (
            var receiver = await Services.ReceiverAsync(
                database, redis.ConnectionString, ("Webhooks:Idempotency:Provider", provider)))
        {
            using var client = receiver.NewClient();
            Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "event"))).Status);
            Assert.Equal(HttpStatusCode.OK, (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "event"))).Status);
        }

        // A restart forgets the memory; Postgres does not forget.
        await using var restarted = await Services.ReceiverAsync(
            database, redis.ConnectionString, ("Webhooks:Idempotency:Provider", provider));
        using var again = restarted.NewClient();
        Assert.Equal(HttpStatusCode.OK, (await again.PostAsync(SignedRequest.GitHub(Delivery.Body, "event"))).Status);
        Assert.Empty(redis.Keys());
        Assert.Equal(1, await Sql.CountAsync(database, "webhooks.jobs"));
    }

    [Fact]
    public async Task Memory_knows_what_it_was_told_of_the_same_source_until_its_time_is_over()
    {
        await using var hints = await Hints.CreateAsync(stack);
        using var hint = hints.Memory(new() { Ttl = TimeSpan.FromSeconds(1) });

        hint.Remember([hints.NewItem("github", "a")]);

        var known = hint.Known([hints.NewItem("github", "a"), hints.NewItem("github", "b"), hints.NewItem("standard", "a")]);
        Assert.Equal([true, false, false], known);
        await Eventually.HoldsAsync("it is forgotten", () => Task.FromResult(!hint.Known([hints.NewItem("github", "a")])[0]));
    }

    [Fact]
    public async Task Memory_takes_no_more_than_its_capacity()
    {
        await using var hints = await Hints.CreateAsync(stack);
        using var hint = hints.Memory(new() { MemoryCapacity = 100 });
        var items = Enumerable.Range(0, 10_000).Select(number => hints.NewItem("github", $"{number}")).ToList();

        hint.Remember(items);

        Assert.InRange(hint.Known(items).Count(known => known), 1, 100);
    }
}
