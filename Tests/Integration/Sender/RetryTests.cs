using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender;

public sealed class RetryTests(RunningSender sender) : IClassFixture<RunningSender>
{
    private readonly Outbox _outbox = new(sender.Database);

    public static TheoryData<int> Redirects => [300, 301, 302, 303, 304, 307, 308];

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    [InlineData(404)]
    public async Task A_delivery_that_fails_once_is_delivered_by_the_second_attempt_and_posted_twice(int status)
    {
        await using var server = await MerchantServer.StartAsync(status, 200);
        await _outbox.AddEndpointAsync(server.Url);

        await _outbox.PublishAsync();
        await _outbox.AttemptsAsync(1);
        await _outbox.HurryAsync();
        var job = await _outbox.FinishedJobAsync();

        Assert.Equal(("done", 2), (job.State, job.Attempt));
        Assert.Equal(2, server.All.Count);
        var attempts = await _outbox.AttemptsAsync();
        Assert.Equal(
            [(1, "http_status", (int?)status), (2, "delivered", 200)],
            attempts.Select(a => (a.Attempt, a.Outcome, a.StatusCode)));
        Assert.All(attempts, a => Assert.InRange(a.DurationMs, 0, 5000));
        Assert.Equal($"The endpoint answered {status}.", attempts[0].Error);
        Assert.Null(attempts[1].Error);
    }

    // The platform may repeat a request whose connection, used before, breaks; not one whose body has begun.
    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    public async Task A_connection_that_is_reset_when_it_is_used_again_counts_as_one_attempt_and_one_post(string payload)
    {
        await using var server = await MerchantServer.StartAsync((request, context) =>
        {
            if (request.Number == 2)
            {
                context.Abort();
            }

            return Task.CompletedTask;
        });
        await _outbox.AddEndpointAsync(server.Url);
        await _outbox.PublishAsync(payload);
        await _outbox.FinishedJobAsync();

        await _outbox.PublishAsync(payload);
        await _outbox.AttemptsAsync(2);

        Assert.Equal((2, 1), (server.All.Count, server.Connections));
        Assert.Equal(
            ["delivered", "network"],
            (await _outbox.AttemptsAsync()).Select(attempt => attempt.Outcome).Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_is_reset_counts_as_one_attempt_and_one_post()
    {
        await using var server = await MerchantServer.StartAsync((request, context) =>
        {
            if (request.Number == 1)
            {
                context.Abort();
            }

            return Task.CompletedTask;
        });
        await _outbox.AddEndpointAsync(server.Url);

        await _outbox.PublishAsync();
        await _outbox.AttemptsAsync(1);
        await _outbox.HurryAsync();
        var job = await _outbox.FinishedJobAsync();

        Assert.Equal(("done", 2), (job.State, job.Attempt));
        Assert.Equal(2, server.All.Count);
        Assert.Equal(
            ["network", "delivered"], (await _outbox.AttemptsAsync()).Select(attempt => attempt.Outcome), StringComparer.Ordinal);
    }

    // A kept-alive connection that the server has closed is where HTTP clients like to repeat a request by themselves.
    [Fact]
    public async Task A_reset_of_a_connection_that_was_used_before_is_not_repeated_beneath_the_counter()
    {
        await using var server = await MerchantServer.StartAsync((request, context) =>
        {
            if (request.Number is 2 or 3)
            {
                context.Abort();
            }

            return Task.CompletedTask;
        });
        await _outbox.AddEndpointAsync(server.Url);
        await _outbox.PublishAsync();
        await _outbox.FinishedJobAsync();

        var second = new Outbox(sender.Database);
        await second.AddEndpointAsync(server.Url);
        await second.PublishAsync();
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            await second.AttemptsAsync(attempt);
            await second.HurryAsync();
        }

        var job = await second.FinishedJobAsync();

        Assert.Equal(("done", 3), (job.State, job.Attempt));
        Assert.Equal(1 + job.Attempt, server.All.Count);
    }

    [Fact]
    public async Task While_its_endpoints_secret_cannot_be_decrypted_a_delivery_waits_and_loses_no_attempt()
    {
        await using var server = await MerchantServer.StartAsync();
        var endpoint = await _outbox.AddEndpointAsync(server.Url);
        await Sql.ExecuteAsync(
            sender.Database,
            $"update webhooks.endpoint_secrets set protected = 'x' || protected where endpoint_id = '{endpoint}'");

        await _outbox.PublishAsync();
        await Eventually.HoldsAsync("it is put off", async () =>
            (await _outbox.JobsAsync()).Single() is { State: "pending", Attempt: 0 } job
                && job.DueAt > TimeProvider.System.GetUtcNow().AddSeconds(10));
        await Sql.ExecuteAsync(
            sender.Database,
            $"update webhooks.endpoint_secrets set protected = substr(protected, 2) where endpoint_id = '{endpoint}'");
        await _outbox.HurryAsync();

        var job = await _outbox.FinishedJobAsync();
        Assert.Equal(("done", 1), (job.State, job.Attempt));
        Assert.Single(server.All);
    }

    [Fact]
    public async Task To_an_inactive_endpoint_nothing_waits_for_a_secret_that_cannot_be_decrypted()
    {
        await using var server = await MerchantServer.StartAsync();
        var endpoint = await _outbox.AddEndpointAsync(server.Url);
        await Sql.ExecuteAsync(
            sender.Database, $"update webhooks.endpoint_secrets set protected = 'x' where endpoint_id = '{endpoint}'");
        await _outbox.PublishAsync();
        await Eventually.HoldsAsync(
            "it is put off", async () =>
                (await _outbox.JobsAsync()).Single() is { State: "pending", Attempt: 0 } job
                    && job.DueAt > TimeProvider.System.GetUtcNow().AddSeconds(10));

        await Sql.ExecuteAsync(
            sender.Database,
            $"update webhooks.endpoints set active = false, disabled_at = now(), disabled_reason = 'merchant' where id = "
            + $"'{endpoint}'");
        await _outbox.HurryAsync();

        Assert.Equal("ignored", (await _outbox.FinishedJobAsync()).State);
    }

    [Fact]
    public async Task The_first_retry_comes_when_the_schedule_says()
    {
        await using var server = await MerchantServer.StartAsync(500, 200);
        await _outbox.AddEndpointAsync(server.Url);

        await _outbox.PublishAsync();
        await _outbox.FinishedJobAsync();

        var attempts = await _outbox.AttemptsAsync();
        var earliest = RetrySchedule.Default.Delays[0] * (1 - DeliveryRetry.Jitter);
        Assert.InRange(attempts[1].StartedAt - attempts[0].StartedAt, earliest, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task When_the_schedule_is_used_up_the_delivery_is_buried()
    {
        await using var server = await MerchantServer.StartAsync(503);
        await _outbox.AddEndpointAsync(server.Url);

        await _outbox.PublishAsync();
        for (var attempt = 1; attempt <= RetrySchedule.Default.MaxFailures; attempt++)
        {
            await _outbox.AttemptsAsync(attempt);
            await _outbox.HurryAsync();
        }

        var job = await _outbox.FinishedJobAsync();
        Assert.Equal(("buried", 4, "The endpoint answered 503."), (job.State, job.Attempt, job.LastError));
        Assert.Equal(4, server.All.Count);
        Assert.Equal([1, 2, 3, 4], (await _outbox.AttemptsAsync()).Select(attempt => attempt.Attempt));
    }

    [Theory]
    [MemberData(nameof(Redirects))]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using var elsewhere = await MerchantServer.StartAsync();
        await using var server = await MerchantServer.StartAsync((request, context) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = elsewhere.Url.ToString();
            return Task.CompletedTask;
        });
        await _outbox.AddEndpointAsync(server.Url);

        await _outbox.PublishAsync();
        var attempt = (await _outbox.AttemptsAsync(1))[0];

        Assert.Equal(("http_status", status), (attempt.Outcome, attempt.StatusCode));
        Assert.Single(server.All);
        Assert.Equal(0, elsewhere.Connections);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(202)]
    [InlineData(204)]
    [InlineData(299)]
    public async Task Any_2xx_is_delivered_at_the_first_attempt(int status)
    {
        await using var server = await MerchantServer.StartAsync(status);
        await _outbox.AddEndpointAsync(server.Url);

        await _outbox.PublishAsync();

        var job = await _outbox.FinishedJobAsync();
        Assert.Equal(("done", 1), (job.State, job.Attempt));
    }
}
