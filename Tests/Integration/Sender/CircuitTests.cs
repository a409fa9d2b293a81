using System.Globalization;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Tests.Integration.Sender;

/// <summary>With a circuit that opens at three failures in a row, for an hour: its time passes when a test says so.</summary>
public sealed class CircuitTests(CircuitTests.PatientSender sender) : IClassFixture<CircuitTests.PatientSender>
{
    private const int Threshold = 3;

    private readonly Outbox _outbox = new(sender.Database);

    [Fact]
    public async Task After_so_many_failures_in_a_row_deliveries_wait_and_lose_no_attempt()
    {
        await using var server = await MerchantServer.StartAsync(500);
        var endpoint = await OpenAsync(server);

        await _outbox.PublishAsync();
        await _outbox.HurryAsync();
        await Eventually.HoldsAsync("both wait for the end of the hold", async () => await WaitingAsync(endpoint) == 2);

        Assert.Equal(Threshold, server.All.Count);
        Assert.Equal([0, Threshold], (await _outbox.JobsAsync()).Select(job => job.Attempt).Order());
    }

    [Fact]
    public async Task What_is_published_meanwhile_is_due_when_the_hold_ends()
    {
        await using var server = await MerchantServer.StartAsync(500);
        var endpoint = await OpenAsync(server);

        await _outbox.PublishAsync();

        Assert.Equal(2, await WaitingAsync(endpoint));
    }

    [Fact]
    public async Task When_the_hold_ends_one_tries_alone_and_its_success_sends_all_others_at_once()
    {
        var release = new TaskCompletionSource();
        await using var server = await MerchantServer.StartAsync(async (request, context) =>
        {
            context.Response.StatusCode = request.Number <= Threshold ? 503 : 200;
            if (request.Number == Threshold + 1)
            {
                await release.Task;
            }
        });
        var endpoint = await OpenAsync(server);
        for (var message = 0; message < 9; message++)
        {
            await _outbox.PublishAsync();
        }

        await PassAsync(endpoint);
        await Eventually.HoldsAsync("one is at the endpoint", () => Task.FromResult(server.All.Count == Threshold + 1));
        Assert.Equal(9, await WaitingAsync(endpoint));
        Assert.Equal(Threshold + 1, server.All.Count);
        release.SetResult();

        await Eventually.HoldsAsync(
            "all are delivered", async () => (await _outbox.JobsAsync()).TrueForAll(job => job.State == "done"));
        Assert.Equal((0, 0, null, null), await StateAsync(endpoint));
        Assert.Equal(0, await Sql.CountAsync(sender.Database, $"webhooks.lanes where lane = '{endpoint}'"));
    }

    [Fact]
    public async Task A_failure_at_the_end_of_the_hold_opens_it_again_and_what_has_tried_most_is_next()
    {
        await using var server = await MerchantServer.StartAsync(500);
        var endpoint = await OpenAsync(server);
        for (var message = 0; message < 5; message++)
        {
            await _outbox.PublishAsync();
        }

        await PassAsync(endpoint);
        await Eventually.HoldsAsync("one more has failed", () => Task.FromResult(server.All.Count == Threshold + 1));
        await Eventually.HoldsAsync("all wait or are given up", async () =>
            await WaitingAsync(endpoint) == 5 && (await _outbox.JobsAsync()).TrueForAll(job => job.State != "running"));

        // The first delivery has used up its four attempts; the others have not begun.
        Assert.Equal(
            [("buried", 4), .. Enumerable.Repeat(("pending", 0), 5)],
            (await _outbox.JobsAsync()).OrderByDescending(job => job.Attempt).Select(job => (job.State, job.Attempt)));
        Assert.Equal(Threshold + 1, server.All.Count);
    }

    [Fact]
    public async Task Failures_with_a_success_between_them_leave_the_circuit_closed()
    {
        await using var server = await MerchantServer.StartAsync(500, 500, 200, 500, 500, 200);
        var endpoint = await _outbox.AddEndpointAsync(server.Url);
        for (var message = 0; message < 2; message++)
        {
            var requests = server.All.Count;
            await _outbox.PublishAsync();
            for (var attempt = 1; attempt <= 2; attempt++)
            {
                await Eventually.HoldsAsync(
                    "the attempt is logged", async () => (await _outbox.AttemptsAsync()).Count == requests + attempt);
                await _outbox.HurryAsync();
            }

            await Eventually.HoldsAsync(
                "it is delivered", async () => (await _outbox.JobsAsync()).TrueForAll(job => job.State == "done"));
        }

        Assert.Equal(6, server.All.Count);
        Assert.Equal((0, 0, null, null), await StateAsync(endpoint));
    }

    [Fact]
    public async Task Other_endpoints_are_not_concerned()
    {
        await using var dead = await MerchantServer.StartAsync(500);
        await using var alive = await MerchantServer.StartAsync();
        await OpenAsync(dead);
        await _outbox.AddEndpointAsync(alive.Url);

        var id = await _outbox.PublishAsync();

        Assert.Equal(id, (await alive.NextAsync()).Headers["webhook-id"]);
    }

    [Fact]
    public async Task What_has_tried_most_goes_before_what_was_published_meanwhile()
    {
        await using var server = await MerchantServer.StartAsync(500);
        var endpoint = await OpenAsync(server);
        for (var message = 0; message < 20; message++)
        {
            await _outbox.PublishAsync();
        }

        await PassAsync(endpoint);
        await Eventually.HoldsAsync("one more has failed", () => Task.FromResult(server.All.Count == Threshold + 1));

        // Else an endpoint that stays dead while it is sent something would have a new delivery tried each time, and give up
        // none.
        Assert.Single(server.All.Select(request => request.Headers["webhook-id"]).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_long_backlog_does_not_hide_what_has_tried_most()
    {
        await using var server = await MerchantServer.StartAsync(500);
        var endpoint = await _outbox.AddEndpointAsync(server.Url, active: false);
        await _outbox.PublishAsync();
        var skipped = Assert.Single(await _outbox.JobsAsync());
        await Sql.ExecuteAsync(sender.Database, $"""
            insert into webhooks.jobs (kind, ref_id, lane) select 'delivery', '{skipped.RefId}', '{endpoint}' from generate_series(1, 2500);
            update webhooks.endpoints set active = true, disabled_at = null, disabled_reason = null where id = '{endpoint}';
            """);
        await Eventually.HoldsAsync("all wait", async () => await WaitingAsync(endpoint) == 2500);

        for (var attempt = 2; attempt <= 4; attempt++)
        {
            await PassAsync(endpoint);
            await Eventually.HoldsAsync($"one has tried {attempt} times", async () => await TriedAsync(endpoint, attempt) > 0);
            await Eventually.HoldsAsync("all wait", async () => await WaitingAsync(endpoint) == (attempt < 4 ? 2500 : 2499));
        }
    }

    [Fact]
    public async Task The_next_hold_is_as_long_as_the_endpoint_has_been_failing()
    {
        await using var server = await MerchantServer.StartAsync(500);
        var endpoint = await OpenAsync(server);
        await Sql.ExecuteAsync(sender.Database, $"""
            update webhooks.endpoints set failing_since = failing_since - interval '10 h' where id = '{endpoint}'
            """);

        await PassAsync(endpoint);

        await Eventually.HoldsAsync("it is held for longer", async () =>
            (await StateAsync(endpoint)).HeldUntil > TimeProvider.System.GetUtcNow().AddHours(9));
    }

    // A hold is from one hour to a fifth more. Eight holds within a minute would be one chance in millions.
    [Fact]
    public async Task The_holds_of_endpoints_that_fail_together_end_apart()
    {
        await using var server = await MerchantServer.StartAsync(500);

        var ends = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            var outbox = new Outbox(sender.Database);
            return (await StateAsync(await OpenAsync(server, outbox))).HeldUntil!.Value;
        }));

        Assert.True(ends.Max() - ends.Min() > TimeSpan.FromMinutes(1), $"{ends.Max() - ends.Min()}");
    }

    [Theory]
    [InlineData(410)]
    [InlineData(500)]
    public async Task An_answer_of_the_URL_before_counts_nothing_against_the_new_one(int status)
    {
        var release = new TaskCompletionSource();
        await using var server = await MerchantServer.StartAsync(async (_, context) =>
        {
            await release.Task;
            context.Response.StatusCode = status;
        });
        var endpoint = await _outbox.AddEndpointAsync(server.Url);
        await _outbox.PublishAsync();
        await server.NextAsync();

        await Sql.ExecuteAsync(
            sender.Database, $"update webhooks.endpoints set url = 'https://example.com/other' where id = '{endpoint}'");
        release.SetResult();
        await _outbox.AttemptsAsync(1);

        Assert.Equal((0, 0, null, null), await StateAsync(endpoint));
        Assert.Equal(1, await Sql.CountAsync(sender.Database, $"webhooks.endpoints where id = '{endpoint}' and active"));
    }

    private Task<long> TriedAsync(Guid endpoint, int attempts) => Sql.CountAsync(
        sender.Database,
        string.Create(
        CultureInfo.InvariantCulture,
        $"webhooks.jobs where lane = '{endpoint}' and attempt = {attempts} and state <> 'running'"));

    /// <summary>An endpoint whose circuit has just opened by the failures of one delivery.</summary>
    private async Task<Guid> OpenAsync(MerchantServer server, Outbox? of = null)
    {
        var outbox = of ?? _outbox;
        var endpoint = await outbox.AddEndpointAsync(server.Url);
        await outbox.PublishAsync();
        for (var attempt = 1; attempt <= Threshold; attempt++)
        {
            await outbox.AttemptsAsync(attempt);
            await outbox.HurryAsync();
        }

        await Eventually.HoldsAsync("the circuit is open", async () => (await StateAsync(endpoint)).HeldUntil is not null);
        await Eventually.HoldsAsync("the delivery waits", async () => await WaitingAsync(endpoint) == 1);
        return endpoint;
    }

    private Task PassAsync(Guid endpoint) => Sql.ExecuteAsync(sender.Database, $"""
        update webhooks.jobs set due_at = due_at - interval '2 h' where lane = '{endpoint}' and state = 'pending';
        update webhooks.lanes set held_until = held_until - interval '2 h' where lane = '{endpoint}';
        """);

    private Task<long> WaitingAsync(Guid endpoint) => Sql.CountAsync(sender.Database, string.Create(CultureInfo.InvariantCulture, $"""
        webhooks.jobs job join webhooks.lanes held on held.kind = job.kind and held.lane = job.lane
        where job.lane = '{endpoint}' and state = 'pending' and slow and held_until > now()
        """));

    private async Task<(
        int FailedAttempts, int FailedDeliveries, DateTimeOffset? FailingSince, DateTimeOffset? HeldUntil)> StateAsync(
            Guid endpoint)
    {
        await using var db = Tables.Open(sender.Database);
        var row = await db.Set<Endpoint>().SingleAsync(row => row.Id == endpoint);
        return (row.FailedAttempts, row.FailedDeliveries, row.FailingSince,
            await Tables.HeldUntilAsync(sender.Database, endpoint));
    }

    public sealed class PatientSender(TestStack stack) : RunningSender(stack)
    {
        protected override IReadOnlyList<(string Key, string Value)> Settings =>
        [
            ("Webhooks:Delivery:Circuit:Threshold", "3"), ("Webhooks:Delivery:Circuit:Hold", "01:00:00"),
            ("Webhooks:Delivery:Circuit:MaxHold", "1.00:00:00"),
        ];
    }
}
