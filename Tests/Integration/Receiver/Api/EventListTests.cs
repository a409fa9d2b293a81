using System.Net;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver.Api;

public sealed class EventListTests(SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_filter_and_all_of_them_together_find_the_events_that_are_meant()
    {
        var type = $"type-{Guid.CreateVersion7():N}";
        var first = await AddAsync("github", type, "2026-01-01T00:00:00Z");
        var second = await AddAsync("github", type, "2026-01-01T00:00:01Z", "state = 'buried', finished_at = now()");
        var third = await AddAsync("standard", type, "2026-01-01T00:00:02.5Z", "state = 'done', finished_at = now()");
        var other = await AddAsync("github", $"{type}x", "2026-01-01T00:00:03Z");

        await FindAsync($"event_type={type}", third, second, first);
        await FindAsync($"event_type={type}&source=github", second, first);
        await FindAsync($"event_type={type}&source=nobody");
        await FindAsync($"event_type={type}&since=2026-01-01T00:00:01Z", third, second);
        await FindAsync($"event_type={type}&until=2026-01-01T00:00:01Z", first);
        await FindAsync($"event_type={type}&since=2026-01-01T01:00:01%2B01:00&until=2026-01-01t00:00:02.500z", second);
        await FindAsync($"event_type={type}&since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z", third, second, first);
        await FindAsync($"delivery_id=delivery-{first}", first);
        await FindAsync($"delivery_id=delivery-{first}&source=github", first);
        await FindAsync($"delivery_id=delivery-{first}&source=standard");
        await FindAsync($"event_type={type}&state=buried", second);
        await FindAsync($"event_type={type}x&state=pending", other);
        await FindAsync(
            $"source=github&event_type={type}&state=buried&since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z"
                + $"&delivery_id=delivery-{second}",
            second);
    }

    [Theory]
    [InlineData("pending", "state = 'pending'")]
    [InlineData(
        "running", "state = 'running', attempt = 2, lease_token = gen_random_uuid(), lease_until = now() + interval '1 hour'")]
    [InlineData("processed", "state = 'done', attempt = 1, finished_at = now()")]
    [InlineData("ignored", "state = 'ignored', attempt = 1, finished_at = now()")]
    [InlineData("buried", "state = 'buried', attempt = 4, finished_at = now(), last_error = 'why'")]
    [InlineData("cancelled", "state = 'cancelled', finished_at = now()")]
    public async Task The_state_of_an_event_is_that_of_its_latest_run_in_lists_filters_and_details(string state, string job)
    {
        var type = $"type-{Guid.CreateVersion7():N}";
        var id = await AddAsync("github", type, "2026-01-01T00:00:00Z", "state = 'ignored', finished_at = now()");
        await Sql.ExecuteAsync(receiver.Database, $"insert into webhooks.jobs (kind, ref_id) values ('event', '{id}')");
        await Sql.ExecuteAsync(
            receiver.Database,
            $"update webhooks.jobs set {job} where id = (select max(id) from webhooks.jobs where ref_id = '{id}')");

        var listed = await receiver.Operator.OkAsync($"/events?event_type={type}");
        var shown = await receiver.Operator.OkAsync($"/events/{id}");

        Assert.Equal(state, Assert.Single(listed.Values("state")));
        Assert.Equal(state, shown.GetProperty("state").GetString());
        await FindAsync($"event_type={type}&state={state}", id);
        foreach (
            var another in new[] { "pending", "running", "processed", "ignored", "buried", "cancelled" }.Where(s => s != state))
        {
            await FindAsync($"event_type={type}&state={another}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("&state=pending")]
    public async Task Pages_follow_each_other_without_gap_or_repetition_while_new_events_come_in(string filter)
    {
        var type = $"type-{Guid.CreateVersion7():N}";
        var ids = new List<string>();
        for (var number = 0; number < 7; number++)
        {
            ids.Add(await SendAsync(type));
        }

        var seen = new List<string>();
        string? cursor = null;
        var pages = 0;
        do
        {
            var page = await receiver.Operator.OkAsync(
                $"/events?event_type={type}{filter}&limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page.Values("delivery_id"));
            cursor = page.Cursor();
            pages++;
            await SendAsync(type);
        }
        while (cursor is not null);

        Assert.Equal(ids.AsEnumerable().Reverse(), seen, StringComparer.Ordinal);
        Assert.Equal(3, pages);
    }

    [Fact]
    public async Task A_page_that_holds_the_last_event_has_no_next_one()
    {
        var type = $"type-{Guid.CreateVersion7():N}";
        await SendAsync(type);
        await SendAsync(type);

        Assert.Null((await receiver.Operator.OkAsync($"/events?event_type={type}&limit=2")).Cursor());
        Assert.NotNull((await receiver.Operator.OkAsync($"/events?event_type={type}&limit=1")).Cursor());
        Assert.Null((await receiver.Operator.OkAsync("/events?event_type=nothing-of-that-type")).Cursor());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=abc", "limit")]
    [InlineData("limit=99999999999", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("cursor=", "cursor")]
    [InlineData("cursor=abc", "cursor")]
    [InlineData("cursor=%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B", "cursor")]
    [InlineData("state=done", "state")]
    [InlineData("state=Pending", "state")]
    [InlineData("since=yesterday", "since")]
    [InlineData("since=2026-01-01", "since")]
    [InlineData("since=2026-13-01T00:00:00Z", "since")]
    [InlineData("since=2026-01-01T00:00:00", "since")]
    [InlineData("since=2026-01-01T00:00:00+01:00", "since")]
    [InlineData("since=2026-01-01T00:00:00Z%0A", "since")]
    [InlineData("until=1767225600", "until")]
    [InlineData("since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "until")]
    [InlineData("since=2026-01-01T00:00:00Z&until=2026-01-01T00:00:00Z", "until")]
    [InlineData("source=", "source")]
    [InlineData("source=%00", "source")]
    [InlineData("event_type=a%0Ab", "event_type")]
    [InlineData("delivery_id=%00", "delivery_id")]
    public async Task A_value_that_makes_no_sense_is_refused_under_its_name(string query, string field)
    {
        var (status, problem) = await receiver.Operator.CallAsync($"/events?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([field], problem.Fields(), StringComparer.Ordinal);
    }

    [Fact]
    public async Task All_values_that_make_no_sense_are_named_at_once()
    {
        var (_, problem) = await receiver.Operator.CallAsync("/events?limit=0&state=x&since=x&cursor=x&source=");

        Assert.Equal(
            ["cursor", "limit", "since", "source", "state"], problem.Fields().Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("/events?limit=1", HttpStatusCode.OK)]
    [InlineData("/events?limit=200", HttpStatusCode.OK)]
    [InlineData("/events/not-an-id", HttpStatusCode.NotFound)]
    [InlineData("/events/00000000-0000-0000-0000-000000000000", HttpStatusCode.NotFound)]
    public async Task What_is_not_there_is_answered_404(string path, HttpStatusCode status)
    {
        using var answer = await receiver.Operator.GetAsync(path, Cancellation);

        Assert.Equal(status, answer.StatusCode);
        Assert.DoesNotContain("   at ", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private async Task FindAsync(string query, params Guid[] expected)
    {
        var list = await receiver.Operator.OkAsync($"/events?{query}");
        Assert.Equal(expected.Select(id => id.ToString()), list.Values("id"), StringComparer.Ordinal);
    }

    private async Task<string> SendAsync(string type)
    {
        var id = Delivery.NewId();
        Assert.Equal(
            HttpStatusCode.Accepted, (await receiver.Client.PostAsync(SignedRequest.GitHub(Delivery.Body, id, type))).Status);
        return id;
    }

    private Task<Guid> AddAsync(string source, string type, string receivedAt, string? job = null) =>
        Tables.AddEventAsync(receiver.Database, "{}", type, source, receivedAt: DateTimeOffset.Parse(receivedAt, null), job: job);
}
