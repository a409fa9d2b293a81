using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class EventListTests(TestStack stack, SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_newest_events_are_listed_newest_first_up_to_the_limit()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => Delivery.NewId()).ToList();
        foreach (var id in ids)
        {
            await receiver.Client.PostAsync(SignedRequest.GitHub(Delivery.Body, id));
        }

        var all = await GetAsync("/events");
        var three = await GetAsync("/events?limit=3");

        Assert.Equal(ids.AsEnumerable().Reverse(), DeliveryIds(all).Take(5), StringComparer.Ordinal);
        Assert.Equal(ids.AsEnumerable().Reverse().Take(3), DeliveryIds(three), StringComparer.Ordinal);
    }

    [Fact]
    public async Task An_event_is_shown_with_what_identifies_it_and_what_became_of_it()
    {
        var id = Delivery.NewId();
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        await receiver.Client.PostAsync(SignedRequest.GitHub(Delivery.Body, id, "issues").With("traceparent", $"00-{Trace}-b7ad6b7169203331-01"));
        var eventId = await Sql.ScalarAsync<Guid>(receiver.Database, $"select id from webhooks.inbound_events where delivery_id = '{id}'");

        var shown = await GetAsync($"/events/{eventId}");

        Assert.Equal(
            ["id", "source", "delivery_id", "event_type", "received_at", "status", "attempts", "last_error", "trace_id", "tasks"],
            shown.EnumerateObject().Select(member => member.Name), StringComparer.Ordinal);
        Assert.Equal(eventId, shown.GetProperty("id").GetGuid());
        Assert.Equal("github", shown.GetProperty("source").GetString());
        Assert.Equal(id, shown.GetProperty("delivery_id").GetString());
        Assert.Equal("issues", shown.GetProperty("event_type").GetString());
        Assert.Equal("pending", shown.GetProperty("status").GetString());
        Assert.Equal(0, shown.GetProperty("attempts").GetInt32());
        Assert.Equal(Trace, shown.GetProperty("trace_id").GetString());
        Assert.Empty(shown.GetProperty("tasks").EnumerateArray());
    }

    [Theory]
    [InlineData("state = 'done', attempt = 1, finished_at = now()", "processed", 1)]
    [InlineData("state = 'ignored', attempt = 1, finished_at = now()", "ignored", 1)]
    [InlineData("state = 'buried', attempt = 4, finished_at = now(), last_error = 'why'", "buried", 4)]
    [InlineData("state = 'running', attempt = 2, lease_token = gen_random_uuid(), lease_until = now()", "running", 2)]
    public async Task The_status_is_that_of_the_job(string job, string status, int attempts)
    {
        var id = Delivery.NewId();
        await receiver.Client.PostAsync(SignedRequest.GitHub(Delivery.Body, id));
        var eventId = await Sql.ScalarAsync<Guid>(receiver.Database, $"select id from webhooks.inbound_events where delivery_id = '{id}'");
        await Sql.ExecuteAsync(receiver.Database, $"update webhooks.jobs set {job} where ref_id = '{eventId}'");

        var shown = await GetAsync($"/events/{eventId}");

        Assert.Equal((status, attempts), (shown.GetProperty("status").GetString(), shown.GetProperty("attempts").GetInt32()));
    }

    [Theory]
    [InlineData("/events?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/events?limit=-1", HttpStatusCode.BadRequest)]
    [InlineData("/events?limit=201", HttpStatusCode.BadRequest)]
    [InlineData("/events?limit=abc", HttpStatusCode.BadRequest)]
    [InlineData("/events?limit=99999999999", HttpStatusCode.BadRequest)]
    [InlineData("/events?limit=1", HttpStatusCode.OK)]
    [InlineData("/events?limit=200", HttpStatusCode.OK)]
    [InlineData("/events/not-an-id", HttpStatusCode.NotFound)]
    [InlineData("/events/00000000-0000-0000-0000-000000000000", HttpStatusCode.NotFound)]
    public async Task A_request_that_makes_no_sense_is_refused(string path, HttpStatusCode status)
    {
        using var answer = await receiver.Client.GetAsync(path, Cancellation);

        Assert.Equal(status, answer.StatusCode);
        Assert.DoesNotContain("   at ", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_production_there_are_no_events_to_see_but_intake_works()
    {
        await using var production = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(),
            await stack.RedisAsync(),
            ("environment", "Production"),
            ("Webhooks:Sources:github:Scheme", "github"));
        using var client = production.NewClient();
        var accepted = await client.PostAsync(SignedRequest.GitHub(Delivery.Body));

        using var list = await client.GetAsync("/events", Cancellation);
        using var one = await client.GetAsync("/events/00000000-0000-0000-0000-000000000000", Cancellation);
        var unknown = await client.PostAsync(SignedRequest.GitHub(Delivery.Body, path: "/webhooks/standard"));

        Assert.Equal(HttpStatusCode.Accepted, accepted.Status);
        Assert.Equal(HttpStatusCode.NotFound, list.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, one.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
    }

    private static IEnumerable<string?> DeliveryIds(JsonElement list) =>
        list.GetProperty("data").EnumerateArray().Select(shown => shown.GetProperty("delivery_id").GetString());

    private async Task<JsonElement> GetAsync(string path) =>
        JsonElement.Parse(await receiver.Client.GetStringAsync(path, Cancellation));
}
