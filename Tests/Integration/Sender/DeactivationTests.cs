using System.Text.Json;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Tests.Integration.Sender;

/// <summary>Deliveries have one attempt here, so that each failure counts.</summary>
public sealed class DeactivationTests(DeactivationTests.HastySender sender) : IClassFixture<DeactivationTests.HastySender>
{
    private readonly Outbox _outbox = new(sender.Database);

    [Fact]
    public async Task Ten_consecutive_failures_make_the_endpoint_inactive_and_its_deliveries_are_skipped_from_then_on()
    {
        await using var server = await MerchantServer.StartAsync(500);
        var endpoint = await _outbox.AddEndpointAsync(server.Url);

        for (var failure = 1; failure <= 10; failure++)
        {
            Assert.True((await EndpointAsync(endpoint)).Active);
            await _outbox.PublishAsync();
            await Eventually.HoldsAsync(
                "it is given up", async () => (await _outbox.JobsAsync()).Count(job => job.State == "buried") == failure);
        }

        var row = await EndpointAsync(endpoint);
        Assert.Equal((false, "failures", 10), (row.Active, row.DisabledReason, row.FailedDeliveries));
        Assert.NotNull(row.DisabledAt);

        await _outbox.PublishAsync();
        Assert.Equal(10, server.All.Count);
        Assert.Equal(1, (await _outbox.JobsAsync()).Count(job => job.State == "ignored"));
    }

    [Fact]
    public async Task Deliveries_that_were_under_way_when_it_became_inactive_are_skipped_and_none_is_lost()
    {
        var go = new TaskCompletionSource();
        await using var server = await MerchantServer.StartAsync(async (_, context) =>
        {
            await go.Task;
            context.Response.StatusCode = 500;
        });
        await _outbox.AddEndpointAsync(server.Url);
        for (var message = 0; message < 40; message++)
        {
            await _outbox.PublishAsync();
        }

        go.SetResult();

        await Eventually.HoldsAsync(
            "all have ended", async () => (await _outbox.JobsAsync()).TrueForAll(job => job.FinishedAt is not null));
        var states = (await _outbox.JobsAsync()).CountBy(job => job.State).ToDictionary(StringComparer.Ordinal);
        Assert.Equal(40, states["buried"] + states["ignored"]);
        Assert.InRange(states["buried"], 10, 30);
    }

    [Fact]
    public async Task A_success_between_failures_begins_the_count_anew()
    {
        await using var server = await MerchantServer.StartAsync((request, context) =>
        {
            context.Response.StatusCode = request.Number == 10 ? 200 : 500;
            return Task.CompletedTask;
        });
        var endpoint = await _outbox.AddEndpointAsync(server.Url);

        for (var message = 1; message <= 19; message++)
        {
            await _outbox.PublishAsync();
            await Eventually.HoldsAsync(
                "it has ended", async () => (await _outbox.JobsAsync()).Count(job => job.FinishedAt is not null) == message);
        }

        var row = await EndpointAsync(endpoint);
        Assert.Equal((true, 9), (row.Active, row.FailedDeliveries));
    }

    [Fact]
    public async Task An_endpoint_that_says_it_is_gone_is_inactive_at_once()
    {
        await using var server = await MerchantServer.StartAsync(410);
        var endpoint = await _outbox.AddEndpointAsync(server.Url);

        await _outbox.PublishAsync();

        Assert.Equal("buried", (await _outbox.FinishedJobAsync()).State);
        var row = await EndpointAsync(endpoint);
        Assert.Equal((false, "gone"), (row.Active, row.DisabledReason));
        Assert.Single(server.All);
    }

    [Fact]
    public async Task The_merchants_other_endpoints_are_told_and_nobody_elses()
    {
        await using var gone = await MerchantServer.StartAsync(410);
        await using var others = await MerchantServer.StartAsync();
        var stranger = new Outbox(sender.Database);
        var endpoint = await _outbox.AddEndpointAsync(new Uri(gone.Url, "/gone"), types: ["invoice.paid", "endpoint.disabled"]);
        await _outbox.AddEndpointAsync(new Uri(others.Url, "/operations"), types: ["endpoint.disabled"]);
        await _outbox.AddEndpointAsync(new Uri(others.Url, "/invoices"), types: ["invoice.sent"]);
        await stranger.AddEndpointAsync(new Uri(others.Url, "/stranger"));

        await _outbox.PublishAsync();
        var told = await others.NextAsync();

        Assert.Equal("/operations", told.Path);
        var json = JsonElement.Parse(told.Text);
        Assert.Equal("endpoint.disabled", json.GetProperty("type").GetString());
        Assert.Equal(
            (endpoint, "gone"),
            (json.GetProperty("data").GetProperty("endpoint_id").GetGuid(),
            json.GetProperty("data").GetProperty("reason").GetString()));
        Assert.Equal(TimeSpan.Zero, json.GetProperty("timestamp").GetDateTimeOffset().Offset);
        await Eventually.HoldsAsync(
            "all deliveries have ended", async () => (await _outbox.JobsAsync()).TrueForAll(job => job.FinishedAt is not null));
        Assert.Single(others.All);
        Assert.Single(gone.All);
    }

    [Fact]
    public async Task Many_that_fail_at_once_are_one_deactivation_and_one_event()
    {
        var go = new TaskCompletionSource();
        await using var gone = await MerchantServer.StartAsync(async (_, context) =>
        {
            await go.Task;
            context.Response.StatusCode = 410;
        });
        await using var operations = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(gone.Url, types: ["invoice.paid"]);
        await _outbox.AddEndpointAsync(operations.Url, types: ["endpoint.disabled"]);

        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => _outbox.PublishAsync()));
        go.SetResult();
        await Eventually.HoldsAsync("all have ended", async () =>
            await _outbox.JobsAsync() is { Count: 31 } jobs && jobs.TrueForAll(job => job.FinishedAt is not null));

        Assert.Single(operations.All);
    }

    private async Task<Endpoint> EndpointAsync(Guid endpoint)
    {
        await using var db = Tables.Open(sender.Database);
        return await db.Endpoints.SingleAsync(row => row.Id == endpoint, TestContext.Current.CancellationToken);
    }

    public sealed class HastySender(TestStack stack) : RunningSender(stack)
    {
        protected override IReadOnlyList<(string Key, string Value)> Settings =>
            [("WEBHOOK_MAX_RETRIES", "0"), ("Webhooks:Delivery:Circuit:Threshold", "1000")];
    }
}
