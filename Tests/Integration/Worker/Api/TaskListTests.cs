using System.Net;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Worker.Api;

public sealed class TaskListTests(SharedWorker worker) : IClassFixture<SharedWorker>
{
    private const string Ended = "attempt = 1, finished_at = now()";

    [Fact]
    public async Task Each_filter_and_all_of_them_together_find_the_tasks_that_are_meant()
    {
        var playbook = $"playbook-{Guid.CreateVersion7():N}";
        var first = await AddAsync(playbook, "2026-01-01T00:00:00Z");
        var second = await AddAsync(playbook, "2026-01-01T00:00:01Z", source: "stripe", job: $"state = 'buried', {Ended}");
        var third = await AddAsync(playbook, "2026-01-01T00:00:02.5Z", job: $"state = 'done', {Ended}");
        await AddAsync($"{playbook}x", "2026-01-01T00:00:03Z");
        var eventOfSecond = await Sql.ScalarAsync<Guid>(
            worker.Database, $"select event_id from webhooks.agent_tasks where id = '{second}'");

        await FindAsync($"playbook={playbook}", third, second, first);
        await FindAsync($"playbook={playbook}&source=stripe", second);
        await FindAsync($"playbook={playbook}&source=nobody");
        await FindAsync($"playbook={playbook}&since=2026-01-01T00:00:01Z", third, second);
        await FindAsync($"playbook={playbook}&until=2026-01-01T00:00:01Z", first);
        await FindAsync($"playbook={playbook}&since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z", third, second, first);
        await FindAsync($"playbook={playbook}&state=completed", third);
        await FindAsync($"event_id={eventOfSecond}", second);
        await FindAsync($"event_id={eventOfSecond}&state=pending");
        await FindAsync(
            $"playbook={playbook}&source=stripe&state=buried&event_id={eventOfSecond}&since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z", second);
    }

    [Theory]
    [InlineData("pending", "state = 'pending'")]
    [InlineData(
        "running", "state = 'running', attempt = 2, lease_token = gen_random_uuid(), lease_until = now() + interval '1 hour'")]
    [InlineData("awaiting_approval", "state = 'waiting', due_at = now() + interval '1 hour'")]
    [InlineData("completed", "state = 'done', attempt = 1, finished_at = now()")]
    [InlineData("buried", "state = 'buried', attempt = 4, finished_at = now(), last_error = 'why'")]
    [InlineData("cancelled", "state = 'cancelled', finished_at = now()")]
    public async Task A_tasks_state_is_the_same_in_lists_filters_and_details(string state, string job)
    {
        var playbook = $"playbook-{Guid.CreateVersion7():N}";
        var id = await AddAsync(playbook, "2026-01-01T00:00:00Z", job: job);

        Assert.Equal(state, Assert.Single((await worker.Reader.OkAsync($"/tasks?playbook={playbook}")).Values("state")));
        Assert.Equal(state, (await worker.Reader.OkAsync($"/tasks/{id}")).GetProperty("state").GetString());
        await FindAsync($"playbook={playbook}&state={state}", id);
        foreach (
            var another in new[] { "pending", "running", "awaiting_approval", "completed", "buried", "cancelled" }.Where(
                s => s != state))
        {
            await FindAsync($"playbook={playbook}&state={another}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("&state=pending")]
    [InlineData("&source=tasks")]
    public async Task Pages_follow_each_other_without_gap_or_repetition_while_new_tasks_come_in(string filter)
    {
        var playbook = $"playbook-{Guid.CreateVersion7():N}";
        var ids = new List<string>();
        for (var number = 0; number < 7; number++)
        {
            ids.Add((await AddAsync(playbook)).ToString());
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await worker.Reader.OkAsync(
                $"/tasks?playbook={playbook}{filter}&limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page.Values("id"));
            cursor = page.Cursor();
            await AddAsync(playbook);
        }
        while (cursor is not null);

        // Two of one millisecond are in the order of their ids, whichever was made first.
        Assert.Equal(ids.OrderDescending(StringComparer.Ordinal), seen, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("cursor=abc", "cursor")]
    [InlineData("state=waiting", "state")]
    [InlineData("state=done", "state")]
    [InlineData("playbook=", "playbook")]
    [InlineData("source=%00", "source")]
    [InlineData("event_id=7", "event_id")]
    [InlineData("event_id=", "event_id")]
    [InlineData("since=yesterday", "since")]
    [InlineData("since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "until")]
    public async Task A_value_that_makes_no_sense_is_refused_under_its_name(string query, string field)
    {
        var (status, problem) = await worker.Reader.CallAsync($"/tasks?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([field], problem.Fields(), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("/tasks/not-an-id")]
    [InlineData("/tasks/00000000-0000-0000-0000-000000000000")]
    public async Task What_is_not_there_is_answered_404(string path) =>
        Assert.Equal(HttpStatusCode.NotFound, (await worker.Reader.CallAsync(path)).Status);

    private async Task FindAsync(string query, params Guid[] expected)
    {
        var list = await worker.Reader.OkAsync($"/tasks?{query}");
        Assert.Equal(expected.Select(id => id.ToString()), list.Values("id"), StringComparer.Ordinal);
    }

    // For an agent outside: the Worker itself leaves it as it is.
    private Task<Guid> AddAsync(string playbook, string? createdAt = null, string source = "tasks", string? job = null) =>
        Tables.AddTaskAsync(
        worker.Database, "{}", playbook, "external", source, createdAt is null ? null : DateTimeOffset.Parse(createdAt, null),
        job);
}
