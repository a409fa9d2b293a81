using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender;

public sealed class RedeliveryTests(RunningSender sender) : IClassFixture<RunningSender>
{
    private const string None = "00000000-0000-0000-0000-000000000000";

    private readonly Outbox _outbox = new(sender.Database);

    [Fact]
    public async Task A_delivery_is_sent_again_as_often_as_one_asks_each_time_as_a_run_of_its_own()
    {
        await using var server = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(server.Url);
        var message = await _outbox.PublishAsync();
        var delivery = (await _outbox.FinishedJobAsync()).RefId;
        using var client = Client();

        for (var run = 2; run <= 4; run++)
        {
            var (status, body) = await PostAsync(client, $"/api/v1/deliveries/{delivery}/resend");
            Assert.Equal((HttpStatusCode.Accepted, $"{delivery}"), (status, body.GetProperty("id").GetString()));
            await AllEndedAsync(run);
        }

        var shown = await client.OkAsync($"/api/v1/deliveries/{delivery}");
        Assert.Equal([(1, 1), (2, 1), (3, 1), (4, 1)], shown.GetProperty("attempts").EnumerateArray()
            .Select(attempt => (attempt.GetProperty("run").GetInt32(), attempt.GetProperty("attempt").GetInt32())));
        Assert.Equal("delivered", shown.GetProperty("state").GetString());
        Assert.All(server.All, request => Assert.Equal(message, request.Headers["webhook-id"]));
        Assert.Equal(4, server.All.Count);
    }

    [Fact]
    public async Task A_resend_takes_the_place_of_what_still_waits()
    {
        await using var server = await MerchantServer.StartAsync(500, 200);
        await _outbox.AddEndpointAsync(server.Url);
        await _outbox.PublishAsync();
        await _outbox.AttemptsAsync(1);
        var first = Assert.Single(await _outbox.JobsAsync());
        await Sql.ExecuteAsync(
            sender.Database,
            $"update webhooks.jobs set due_at = now() + interval '1 hour' where id = {first.Id} and state = 'pending'");
        using var client = Client();

        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(client, $"/api/v1/deliveries/{first.RefId}/resend")).Status);
        await AllEndedAsync(2);

        Assert.Equal(
            ["cancelled", "done"], (await _outbox.JobsAsync()).OrderBy(job => job.Id).Select(job => job.State),
            StringComparer.Ordinal);
        Assert.Equal(2, server.All.Count);
    }

    [Fact]
    public async Task Of_resends_at_once_the_latest_alone_waits()
    {
        var endpoint = await SkippedAsync(1);
        await HoldAsync(endpoint);
        var delivery = Assert.Single(await _outbox.JobsAsync()).RefId;
        using var client = Client();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => PostAsync(client, $"/api/v1/deliveries/{delivery}/resend")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        var jobs = (await _outbox.JobsAsync()).OrderBy(job => job.Id).Select(job => job.State).ToList();
        Assert.Equal(["ignored", .. Enumerable.Repeat("cancelled", 9), "pending"], jobs, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_resend_waits_as_long_as_the_endpoint_is_left_alone()
    {
        var endpoint = await SkippedAsync(1);
        await HoldAsync(endpoint);
        var delivery = Assert.Single(await _outbox.JobsAsync()).RefId;
        using var client = Client();

        var (_, body) = await PostAsync(client, $"/api/v1/deliveries/{delivery}/resend");

        Assert.Equal("pending", body.GetProperty("state").GetString());
        Assert.True(body.GetProperty("next_attempt_at").GetDateTimeOffset() > TimeProvider.System.GetUtcNow().AddMinutes(30));
        Assert.Single(await _outbox.JobsAsync(), job => job.State == "pending");
    }

    [Fact]
    public async Task To_an_inactive_endpoint_nothing_is_sent_again()
    {
        var endpoint = await SkippedAsync(1);
        var delivery = Assert.Single(await _outbox.JobsAsync()).RefId;
        using var client = Client();

        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(client, $"/api/v1/deliveries/{delivery}/resend")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await RecoverAsync(client, endpoint)).Status);
        Assert.Single(await _outbox.JobsAsync());
    }

    [Fact]
    public async Task Nobody_else_and_no_reader_redelivers()
    {
        var endpoint = await SkippedAsync(1);
        await ActivateAsync(endpoint);
        var delivery = Assert.Single(await _outbox.JobsAsync()).RefId;
        using var reader = sender.NewClient(_outbox.Merchant, "webhooks:read");
        using var stranger = sender.NewClient(new Outbox(sender.Database).Merchant, "webhooks:write");

        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(reader, $"/api/v1/deliveries/{delivery}/resend")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await RecoverAsync(reader, endpoint)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(stranger, $"/api/v1/deliveries/{delivery}/resend")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await RecoverAsync(stranger, endpoint)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(stranger, $"/api/v1/deliveries/{None}/resend")).Status);
        Assert.Single(await _outbox.JobsAsync());
    }

    [Fact]
    public async Task What_an_endpoint_missed_while_it_was_inactive_arrives_oldest_first()
    {
        await using var server = await MerchantServer.StartAsync();
        var endpoint = await SkippedAsync(3, server.Url);
        var messages = await MessagesAsync();
        await ActivateAsync(endpoint);
        using var client = Client();

        var (status, body) = await RecoverAsync(client, endpoint);
        var due = (await _outbox.JobsAsync()).Where(job => job.State != "ignored").OrderBy(job => job.DueAt)
            .Select(job => job.RefId);
        await AllEndedAsync(6);

        Assert.Equal((HttpStatusCode.Accepted, 3), (status, body.GetProperty("count").GetInt32()));
        Assert.Equal(due.Order(), due);
        Assert.Equal(
            messages, server.All.Select(request => request.Headers["webhook-id"]).Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task Recovering_takes_what_failed_was_skipped_or_was_cancelled_and_nothing_else()
    {
        string[] states = ["buried", "ignored", "cancelled", "done"];
        var endpoint = await SkippedAsync(states.Length);
        var other = await _outbox.AddEndpointAsync(new Uri("http://127.0.0.1:1/"), active: false);
        await _outbox.PublishAsync();
        var jobs = (await _outbox.JobsAsync()).Where(job => job.Lane == $"{endpoint}").OrderBy(job => job.Id).ToList();
        for (var at = 0; at < states.Length; at++)
        {
            await Sql.ExecuteAsync(sender.Database, $"update webhooks.jobs set state = '{states[at]}' where id = {jobs[at].Id}");
        }

        // Failed once, delivered since.
        await Sql.ExecuteAsync(
            sender.Database,
            $"insert into webhooks.jobs (kind, ref_id, lane, state, finished_at) values ('delivery', '{jobs[4].RefId}', "
            + $"'{endpoint}', 'done', now())");
        await HoldAsync(endpoint);
        using var client = Client();

        var (_, body) = await RecoverAsync(client, endpoint);

        Assert.Equal(3, body.GetProperty("count").GetInt32());
        var pending = (await _outbox.JobsAsync()).Where(job => job.State == "pending").ToList();
        // Two deliveries of one millisecond are in the order of their ids.
        Assert.Equal(jobs.Take(3).Select(job => job.RefId).Order(), pending.OrderBy(job => job.DueAt).Select(job => job.RefId));
        Assert.DoesNotContain(pending, job => job.Lane == $"{other}");
    }

    [Fact]
    public async Task Recovering_begins_with_since_and_ends_before_until()
    {
        var endpoint = await SkippedAsync(3);
        var times = (await _outbox.JobsAsync()).OrderBy(job => job.Id).Select(job => job.RefId).ToList();
        var created = new List<string>();
        foreach (var id in times)
        {
            created.Add((await Sql.ScalarAsync<string>(
                sender.Database,
                $"select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from webhooks.deliveries "
                + $"where id = '{id}'"))!);
        }

        await HoldAsync(endpoint);
        using var client = Client();

        var (_, body) = await RecoverAsync(client, endpoint, created[1], created[2]);

        Assert.Equal(1, body.GetProperty("count").GetInt32());
        Assert.Equal(times[1], Assert.Single(await _outbox.JobsAsync(), job => job.State == "pending").RefId);
    }

    [Fact]
    public async Task Of_recoveries_at_once_each_delivery_is_queued_once_however_many_there_are()
    {
        const int Count = 2500; // more than one transaction takes
        var endpoint = await SkippedAsync(1);
        await Sql.ExecuteAsync(sender.Database, $"""
            with message as (
                insert into webhooks.messages (id, merchant_id, event_type, payload, content_type, idempotency_key, created_at)
                select 'msg_' || replace(webhooks.uuid_v7(now())::text, '-', ''), '{_outbox.Merchant}', 'invoice.paid', 'x', 'text/plain', 'once:' || n, now()
                from generate_series(2, {Count}) n returning id),
            delivery as (
                insert into webhooks.deliveries (id, message_id, endpoint_id, created_at)
                select webhooks.uuid_v7(now()), id, '{endpoint}', now() from message returning id)
            insert into webhooks.jobs (kind, ref_id, lane, state, finished_at) select 'delivery', id, '{endpoint}', 'buried', now() from delivery
            """);
        await HoldAsync(endpoint);
        using var client = Client();

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => RecoverAsync(client, endpoint)));

        Assert.Equal(Count, answers.Sum(answer => answer.Body.GetProperty("count").GetInt32()));
        var pending = (await _outbox.JobsAsync()).Where(job => job.State == "pending").Select(job => job.RefId).ToList();
        Assert.Equal((Count, Count), (pending.Count, pending.Distinct().Count()));
    }

    [Theory]
    [InlineData("{}", "since")]
    [InlineData("""{"since":"yesterday"}""", "since")]
    [InlineData("""{"since":"2026-01-01T00:00:00Z","until":"2026-01-01T00:00:00Z"}""", "until")]
    public async Task A_span_that_makes_no_sense_is_400_and_named(string body, string field)
    {
        using var client = Client();

        var (status, problem) = await client.CallAsync($"/api/v1/webhooks/{None}/recover", JsonElement.Parse(body));

        Assert.Equal((HttpStatusCode.BadRequest, field), (status, Assert.Single(problem.Fields())));
    }

    private HttpClient Client() => sender.NewClient(_outbox.Merchant, "webhooks:write");

    private async Task<Guid> SkippedAsync(int messages, Uri? url = null)
    {
        var endpoint = await _outbox.AddEndpointAsync(url ?? new Uri("http://127.0.0.1:1/"), active: false);
        for (var n = 0; n < messages; n++)
        {
            await _outbox.PublishAsync();
        }

        return endpoint;
    }

    private Task ActivateAsync(Guid endpoint) =>
        Sql.ExecuteAsync(
            sender.Database,
            $"update webhooks.endpoints set active = true, disabled_at = null, disabled_reason = null where id = '{endpoint}'");

    // Active, and left alone: what is queued for it stays so.
    private async Task HoldAsync(Guid endpoint)
    {
        await Tables.HoldAsync(sender.Database, endpoint, "1 hour");
        await ActivateAsync(endpoint);
    }

    private Task AllEndedAsync(int jobs) => Eventually.HoldsAsync($"{jobs} jobs have ended", async () =>
        await _outbox.JobsAsync() is var all && all.Count == jobs && all.TrueForAll(job => job.FinishedAt is not null));

    private async Task<IReadOnlyList<string>> MessagesAsync()
    {
        using var client = Client();
        return [.. (await client.OkAsync("/api/v1/messages")).Values("id").Order(StringComparer.Ordinal)];
    }

    private static Task<(HttpStatusCode Status, JsonElement Body)> RecoverAsync(
        HttpClient client, Guid endpoint, string since = "2026-01-01T00:00:00Z", string? until = null) =>
        client.CallAsync($"/api/v1/webhooks/{endpoint}/recover", new { since, until });

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(HttpClient client, string path)
    {
        using var answer = await client.PostAsync(path, null, TestContext.Current.CancellationToken);
        return (answer.StatusCode,
            JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }
}
