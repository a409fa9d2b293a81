using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender;

/// <summary>What docs/operations.md says is measured. Each test has a Sender, which finds what was published before it.</summary>
public sealed class DeliveryMetricsTests(TestStack stack)
{
    [Fact]
    public async Task A_delivery_that_is_made_is_one_attempt_with_its_duration_and_one_delivery_with_its_latency()
    {
        await using var server = await MerchantServer.StartAsync();
        var outbox = await PublishedAsync(server);
        await Sql.ExecuteAsync(outbox.Database, "update webhooks.messages set created_at = created_at - interval '10 days'");

        using var measured = await RunAsync(outbox, "done");

        AssertOne(measured, "webhook.delivery.attempts", "outcome", "delivered");
        AssertOne(measured, "webhook.deliveries", "result", "delivered");
        Assert.InRange(Assert.Single(measured.Mine("webhook.delivery.attempt.duration")).Value, double.Epsilon, 60);
        var days = TimeSpan.FromSeconds(Assert.Single(measured.Mine("webhook.delivery.latency")).Value).TotalDays;
        Assert.InRange(days, 10, 10.5);
        Assert.Empty(measured.Mine("webhook.endpoints.deactivated"));
    }

    [Fact]
    public async Task A_delivery_that_is_given_up_is_an_attempt_each_time_and_one_failed_delivery()
    {
        await using var server = await MerchantServer.StartAsync(500);
        var outbox = await PublishedAsync(server);

        using var measured = await RunAsync(outbox, "buried", ("WEBHOOK_MAX_RETRIES", "1"));

        Assert.Equal(2, measured.Mine("webhook.delivery.attempts").Count(one => one.Has("outcome", "http_status")));
        Assert.Equal(2, measured.Mine("webhook.delivery.attempt.duration").Count);
        AssertOne(measured, "webhook.deliveries", "result", "failed");
        Assert.Empty(measured.Mine("webhook.delivery.latency"));
        Assert.Empty(measured.Mine("webhook.endpoints.deactivated"));
    }

    [Fact]
    public async Task A_delivery_to_an_endpoint_that_became_inactive_is_skipped_without_an_attempt()
    {
        await using var server = await MerchantServer.StartAsync();
        var outbox = await PublishedAsync(server);
        await Sql.ExecuteAsync(
            outbox.Database, "update webhooks.endpoints set active = false, disabled_at = now(), disabled_reason = 'merchant'");

        using var measured = await RunAsync(outbox, "ignored");

        AssertOne(measured, "webhook.deliveries", "result", "skipped");
        Assert.Empty(measured.Mine("webhook.delivery.attempts"));
    }

    // The first commit is refused as under contention, when all is written: what is counted before would be counted twice.
    [Theory]
    [InlineData(410, "gone")]
    [InlineData(500, "failures")]
    public async Task A_deactivation_is_counted_once_by_its_reason_though_its_commit_had_to_be_repeated(int status, string reason)
    {
        await using var server = await MerchantServer.StartAsync(status);
        var outbox = await PublishedAsync(server);
        await Sql.ExecuteAsync(outbox.Database, """
            create sequence commits;
            create function fail_once() returns trigger language plpgsql as $$
            begin
                if nextval('commits') = 1 then raise exception 'once' using errcode = '40001'; end if;
                return null;
            end $$;
            create constraint trigger fail_once after update on webhooks.jobs deferrable initially deferred
            for each row when (new.state = 'buried') execute function fail_once()
            """);

        using var measured = await RunAsync(
            outbox, "buried", ("WEBHOOK_MAX_RETRIES", "0"), ("WEBHOOK_MAX_CONSECUTIVE_FAILURES", "1"));

        Assert.Equal(2, await Sql.ScalarAsync<long>(outbox.Database, "select last_value from commits"));
        AssertOne(measured, "webhook.endpoints.deactivated", "reason", reason);
        AssertOne(measured, "webhook.deliveries", "result", "failed");
        AssertOne(measured, "webhook.delivery.attempts", "outcome", "http_status");
    }

    private async Task<Outbox> PublishedAsync(MerchantServer server)
    {
        var database = await stack.NewDatabaseAsync();
        var outbox = new Outbox(database);
        await outbox.AddEndpointAsync(server.Url);
        await outbox.PublishAsync();
        return outbox;
    }

    // The Sender is stopped then: whatever it was to measure is measured.
    private async Task<Measurements> RunAsync(Outbox outbox, string state, params (string Key, string Value)[] settings)
    {
        var measured = new Measurements();
        await using (await Services.SenderAsync(
            outbox.Database, await stack.RedisAsync(), [("Webhooks:Jobs:Delivery:Poll", "00:00:00.1"), .. settings]))
        {
            Assert.Equal(state, (await outbox.FinishedJobAsync()).State);
        }

        return measured;
    }

    private static void AssertOne(Measurements measured, string instrument, string tag, string value)
    {
        var one = Assert.Single(measured.Mine(instrument));
        Assert.Equal(1, one.Value);
        Assert.True(one.Has(tag, value), $"{tag} is {one.Tags.GetValueOrDefault(tag)}");
    }
}
