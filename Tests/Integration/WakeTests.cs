using System.Net;
using Aspire.Webhooks.Tests.Integration.Receiver;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>
/// Each stage wakes the next: where all look for work once a minute only, it is done long before. On Redis's channels of one
/// test's own, since other tests' wake-ups would do, too.
/// </summary>
public sealed class WakeTests(TestStack stack)
{
    private const string Poll = "00:01:00";

    private static readonly TimeSpan LessThanAPoll = TimeSpan.FromSeconds(50);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_ends_as_a_delivery_without_a_poll_between()
    {
        var (database, redis) = (await stack.NewDatabaseAsync(), await RedisAsync());
        await using var receiver = await Services.ReceiverAsync(database, redis);
        await using var worker = await Services.WorkerAsync(
            database, redis, ("Webhooks:Jobs:Event:Poll", Poll), ("Webhooks:Jobs:Task:Poll", Poll));
        await using var sender = await Services.SenderAsync(database, redis, ("Webhooks:Jobs:Delivery:Poll", Poll));
        await using var server = await MerchantServer.StartAsync();
        await Tables.AddEndpointAsync(database, "demo", server.Url);
        using var client = receiver.NewClient();

        var answer = await client.PostAsync(SignedRequest.GitHub("""{"ref":"refs/heads/main","commits":[]}"""));

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        await DoneAsync(database, "event", 1).WaitAsync(LessThanAPoll, Cancellation);
        await DoneAsync(database, "task", 1).WaitAsync(LessThanAPoll, Cancellation);
        await DoneAsync(database, "delivery", 1).WaitAsync(LessThanAPoll, Cancellation);
    }

    [Fact]
    public async Task A_message_that_is_published_is_delivered_without_a_poll_between()
    {
        var (database, redis) = (await stack.NewDatabaseAsync(), await RedisAsync());
        await using var one = await Services.SenderAsync(database, redis, ("Webhooks:Jobs:Delivery:Poll", Poll));
        await using var server = await MerchantServer.StartAsync();
        var outbox = new Outbox(database);
        await outbox.AddEndpointAsync(server.Url);
        using var client = one.NewClient().With(OperatorToken.Of(outbox.Merchant, "messages:write"));

        var (status, _) = await client.CallAsync("/api/v1/messages", new { event_type = "invoice.paid", payload = new { } });

        Assert.Equal(HttpStatusCode.Accepted, status);
        await DoneAsync(database, "delivery", 1).WaitAsync(LessThanAPoll, Cancellation);
    }

    [Fact]
    public async Task A_success_after_a_hold_sends_what_waited_without_a_poll_between()
    {
        var (database, redis) = (await stack.NewDatabaseAsync(), await RedisAsync());
        await using var server = await MerchantServer.StartAsync();
        var outbox = new Outbox(database);
        var endpoint = await outbox.AddEndpointAsync(server.Url);
        for (var message = 0; message < 3; message++)
        {
            await outbox.PublishAsync();
        }

        // The hold has just ended: the first look finds one delivery that tries, and no other.
        await Tables.HoldAsync(database, endpoint, "-1 s");
        await using var sender = await Services.SenderAsync(database, redis, ("Webhooks:Jobs:Delivery:Poll", Poll));

        await DoneAsync(database, "delivery", 3).WaitAsync(LessThanAPoll, Cancellation);
    }

    [Theory]
    [InlineData("resend")]
    [InlineData("recover")]
    public async Task What_is_to_be_sent_again_is_sent_without_a_poll_between(string how)
    {
        var (database, redis) = (await stack.NewDatabaseAsync(), await RedisAsync());
        await using var server = await MerchantServer.StartAsync(500, 200);
        var outbox = new Outbox(database);
        var endpoint = await outbox.AddEndpointAsync(server.Url);
        await outbox.PublishAsync();
        await using var sender = await Services.SenderAsync(
            database, redis, ("Webhooks:Jobs:Delivery:Poll", Poll), ("WEBHOOK_MAX_RETRIES", "0"));
        var delivery = (await outbox.FinishedJobAsync()).RefId;
        using var client = sender.NewClient().With(OperatorToken.Of(outbox.Merchant, "webhooks:write"));

        var (status, _) = how == "resend"
            ? await client.CallAsync($"/api/v1/deliveries/{delivery}/resend", new { })
            : await client.CallAsync($"/api/v1/webhooks/{endpoint}/recover", new { since = "2020-01-01T00:00:00Z" });

        Assert.Equal(HttpStatusCode.Accepted, status);
        await DoneAsync(database, "delivery", 1).WaitAsync(LessThanAPoll, Cancellation);
    }

    [Fact]
    public async Task An_event_that_is_replayed_is_processed_without_a_poll_between()
    {
        var (database, redis) = (await stack.NewDatabaseAsync(), await RedisAsync());
        await using var receiver = await Services.ReceiverAsync(database, redis);
        var id = await Tables.AddEventAsync(database, "{}", "ping");
        await using var worker = await Services.WorkerAsync(database, redis, ("Webhooks:Jobs:Event:Poll", Poll));
        await Tables.FinishedJobAsync(database, id);
        using var client = receiver.NewClient().With(OperatorToken.Write);

        var (status, _) = await client.CallAsync($"/events/{id}/replay", new { reason = "why" });

        Assert.Equal(HttpStatusCode.Accepted, status);
        await DoneAsync(database, "event", 2, "ignored").WaitAsync(LessThanAPoll, Cancellation);
    }

    private async Task<string> RedisAsync() => $"{await stack.RedisAsync()},channelPrefix={Guid.CreateVersion7():N}:";

    private static Task DoneAsync(string database, string kind, int count, string state = "done") =>
        Eventually.HoldsAsync($"{count} {kind} jobs are {state}", async () =>
            await Sql.CountAsync(database, $"webhooks.jobs where kind = '{kind}' and state = '{state}'") == count);
}
