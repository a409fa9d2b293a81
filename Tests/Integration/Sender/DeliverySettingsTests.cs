using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Integration.Sender;

public sealed class DeliverySettingsTests(TestStack stack)
{
    [Fact]
    public async Task The_documents_variables_win_over_the_section()
    {
        await using var sender = await StartAsync(
            ("WEBHOOK_DELIVERY_TIMEOUT_SECONDS", "7"), ("WEBHOOK_MAX_RETRIES", "2"), ("WEBHOOK_MAX_CONSECUTIVE_FAILURES", "4"),
            ("Webhooks:Delivery:Timeout", "00:00:20"), ("Webhooks:Delivery:Schedule", "standard"));

        var options = sender.Services.GetRequiredService<IOptions<DeliveryOptions>>().Value;
        Assert.Equal((TimeSpan.FromSeconds(7), 2, 4), (options.Timeout, options.MaxRetries, options.MaxConsecutiveFailures));
        Assert.Equal(
            [TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5)],
            sender.Services.GetRequiredService<DeliveryJobHandler>().Schedule.Delays);
    }

    [Fact]
    public async Task Without_settings_they_are_what_the_document_says()
    {
        await using var sender = await StartAsync();

        var options = sender.Services.GetRequiredService<IOptions<DeliveryOptions>>().Value;
        Assert.Equal(
            (TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), 10),
            (options.Timeout, options.ConnectTimeout, options.MaxConsecutiveFailures));
        Assert.Equal(RetrySchedule.Default.Delays, sender.Services.GetRequiredService<DeliveryJobHandler>().Schedule.Delays);
    }

    [Fact]
    public async Task All_that_is_wrong_is_told_at_once_each_under_its_name()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(
            ("WEBHOOK_DELIVERY_TIMEOUT_SECONDS", "0"), ("WEBHOOK_MAX_RETRIES", "many"),
            ("WEBHOOK_MAX_CONSECUTIVE_FAILURES", "-1"), ("Webhooks:Delivery:MaxRetryAfter", "2.00:00:00"),
            ("Webhooks:Delivery:Circuit:Threshold", "0")));

        Assert.Contains(
            "WEBHOOK_DELIVERY_TIMEOUT_SECONDS is 0; it must be from 1 to 120.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("WEBHOOK_MAX_RETRIES must be a whole number from 0 to 20.", failure.Message, StringComparison.Ordinal);
        Assert.Contains(
            "WEBHOOK_MAX_CONSECUTIVE_FAILURES is -1; it must be from 1 to 10000.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("MaxRetryAfter", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Threshold", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_with_a_rate_limit_gets_no_more_than_that_and_gets_all()
    {
        var outbox = new Outbox(await stack.NewDatabaseAsync());
        await using var server = await MerchantServer.StartAsync();
        await using var sender = await Services.SenderAsync(
            outbox.Database, await stack.RedisAsync(), ("Webhooks:Jobs:Delivery:Poll", "00:00:00.05"));
        var endpoint = await outbox.AddEndpointAsync(server.Url);
        await Sql.ExecuteAsync(outbox.Database, $"update webhooks.endpoints set rate_limit = 4 where id = '{endpoint}'");

        for (var message = 0; message < 12; message++)
        {
            await outbox.PublishAsync();
        }

        await Eventually.HoldsAsync(
            "all are delivered", async () =>
                await outbox.JobsAsync() is { Count: 12 } jobs && jobs.TrueForAll(job => job.State == "done"));
        var started = (await outbox.AttemptsAsync()).Select(attempt => attempt.StartedAt).Order().ToList();

        // Four at once and one each quarter of a second: any fifth comes no sooner than a quarter after the first.
        for (var at = 4; at < started.Count; at++)
        {
            Assert.True(
                started[at] - started[at - 4] >= TimeSpan.FromMilliseconds(240), $"attempts {at - 3} to {at + 1} are too close");
        }

        Assert.True(started[^1] - started[0] >= TimeSpan.FromMilliseconds(1990));
        Assert.All(await outbox.JobsAsync(), job => Assert.Equal(1, job.Attempt));
    }

    private async Task<ServiceHost<DeliveryClient>> StartAsync(params (string Key, string Value)[] settings) =>
        await Services.SenderAsync(await stack.NewDatabaseAsync(), await stack.RedisAsync(), settings);
}
