using System.Net;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class RateLimitTests(TestStack stack)
{
    [Fact]
    public async Task A_source_that_sends_more_than_its_limit_is_answered_429_and_others_are_not()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(
            database,
            await stack.RedisAsync(),
            ("Webhooks:Sources:github:RateLimit:PerSecond", "1"),
            ("Webhooks:Sources:github:RateLimit:Burst", "3"));
        using var client = receiver.NewClient();

        // Whoever has no secret takes no tokens.
        await client.PostAllAsync(
            Enumerable.Range(0, 20).Select(number => SignedRequest.GitHub(Delivery.Body, $"forged-{number}", secret: "another")));
        var first = await client.PostAllAsync(
            Enumerable.Range(0, 3).Select(number => SignedRequest.GitHub(Delivery.Body, $"first-{number}")));
        var storm = await client.PostAllAsync(
            Enumerable.Range(0, 200).Select(number => SignedRequest.GitHub(Delivery.Body, $"storm-{number}")));
        var other = await client.PostAsync(SignedRequest.Standard(Delivery.Body, "other"));

        Assert.All(first, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        var refused = storm.Where(answer => answer.Status == HttpStatusCode.TooManyRequests).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, answer => Assert.True(answer.RetryAfter >= TimeSpan.FromSeconds(1), $"{answer.RetryAfter}"));
        Assert.Equal(HttpStatusCode.Accepted, other.Status);
        Assert.Equal(3 + 200 - refused.Count, await Sql.CountAsync(database, "webhooks.jobs where kind = 'event'") - 1);

        // What was refused is taken when it comes again.
        await Eventually.HoldsAsync("a token is back", async () =>
            (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "again"))).Status == HttpStatusCode.Accepted);
    }
}
