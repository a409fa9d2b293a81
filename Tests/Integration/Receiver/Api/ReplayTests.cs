using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration.Receiver.Api;

public sealed class ReplayTests(TestStack stack, SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private const string None = "00000000-0000-0000-0000-000000000000";
    private const string Buried = "state = 'buried', attempt = 4, finished_at = now()";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_is_replayed_gets_another_job_at_once_and_the_first_stays_as_it_is()
    {
        var id = await Tables.AddEventAsync(receiver.Database, "{}", job: Buried);

        var (status, replay) = await receiver.Operator.CallAsync($"/events/{id}/replay", new { reason = "It is mended." });

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(1, replay.GetProperty("events").GetInt32());
        Assert.Equal("operator-7", replay.GetProperty("requested_by").GetString());
        Assert.Equal(id, replay.GetProperty("filter").GetProperty("event_id").GetGuid());
        Assert.Equal(
            1, await Sql.CountAsync(
                receiver.Database, $"webhooks.jobs where ref_id = '{id}' and state = 'buried' and replay_id is null"));
        Assert.Equal(1, await Sql.CountAsync(
            receiver.Database,
            $"webhooks.jobs where ref_id = '{id}' and state = 'pending' and attempt = 0 and due_at <= now() and replay_id = "
                + $"'{replay.GetProperty("id").GetGuid()}'"));
    }

    [Fact]
    public async Task A_redelivery_is_a_duplicate_after_a_replay_as_before_it()
    {
        var id = Delivery.NewId();
        await receiver.Client.PostAsync(SignedRequest.GitHub(Delivery.Body, id));
        var eventId = await Sql.ScalarAsync<Guid>(
            receiver.Database, $"select id from webhooks.inbound_events where delivery_id = '{id}'");

        await receiver.Operator.CallAsync($"/events/{eventId}/replay", new { reason = "why" });
        var again = await receiver.Client.PostAsync(SignedRequest.GitHub(Delivery.Body, id));

        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal((1, 2), (await receiver.EventsAsync(id), await receiver.JobsAsync(id)));
    }

    [Fact]
    public async Task A_replay_takes_what_its_filter_finds_oldest_first_and_spread_over_time()
    {
        var type = NewType();
        var ids = await AddAsync(type, 5, Buried);
        await AddAsync(type, 2, "state = 'done', finished_at = now()");

        var (status, replay) = await receiver.Operator.CallAsync(
            "/replays",
            new { filter = new { event_type = type, state = "buried" }, reason = "It is mended.", per_second = 2, limit = 4 });

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(4, replay.GetProperty("events").GetInt32());
        var replayId = replay.GetProperty("id").GetGuid();
        Assert.Equal(
            string.Join(',', ids.Take(4).Select((id, position) => $"{id} {position * 500}")),
            await Sql.ScalarAsync<string>(receiver.Database, $"""
                select string_agg(j.ref_id || ' ' || (extract(epoch from j.due_at - r.created_at) * 1000)::int, ',' order by j.id)
                from webhooks.jobs j join webhooks.replays r on r.id = j.replay_id where r.id = '{replayId}'
                """));
        var shown = await receiver.Operator.OkAsync($"/replays/{replayId}");
        Assert.Equal(4, shown.GetProperty("states").GetProperty("pending").GetInt32());
        Assert.Equal($$"""{"event_type":"{{type}}","state":"buried"}""", shown.GetProperty("filter").GetRawText().Replace(" ", "", StringComparison.Ordinal), Members);
    }

    [Fact]
    public async Task The_answer_names_where_the_replay_is_found()
    {
        using var answer = await receiver.Operator.PostAsync(
            "/replays", Delivery.Json($$$"""{"filter":{"event_type":"{{{NewType()}}}"},"reason":"why"}"""), Cancellation);
        var id = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).GetProperty("id").GetGuid();

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal($"/replays/{id}", answer.Headers.Location?.OriginalString);
        Assert.Equal(0, (await receiver.Operator.OkAsync($"/replays/{id}")).GetProperty("events").GetInt32());
    }

    [Theory]
    [InlineData(3, 3, false)]
    [InlineData(5, 5, false)]
    [InlineData(12, 12, false)]
    [InlineData(12, 7, true)]
    public async Task A_dry_run_says_what_would_be_replayed_and_changes_nothing(int events, int limit, bool limited)
    {
        var type = NewType();
        var ids = await AddAsync(type, events, Buried);

        var (status, answer) = await receiver.Operator.CallAsync(
            "/replays", new { filter = new { event_type = type }, dry_run = true, limit });

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            (Math.Min(events, limit), limited),
            (answer.GetProperty("events").GetInt32(), answer.GetProperty("limited").GetBoolean()));
        Assert.Equal(ids.Take(Math.Min(limit, 10)), answer.GetProperty("sample").EnumerateArray().Select(id => id.GetGuid()));
        Assert.Equal(events, await Sql.CountAsync(
            receiver.Database, $"webhooks.jobs j join webhooks.inbound_events e on e.id = j.ref_id where event_type = '{type}'"));
    }

    [Fact]
    public async Task Cancelling_stops_what_is_pending_leaves_what_runs_or_is_done_and_may_be_repeated()
    {
        var type = NewType();
        await AddAsync(type, 4, Buried);
        var (_, replay) = await receiver.Operator.CallAsync(
            "/replays", new { filter = new { event_type = type }, reason = "why" });
        var id = replay.GetProperty("id").GetGuid();
        await Sql.ExecuteAsync(receiver.Database, $"""
            update webhooks.jobs set state = 'running', lease_token = gen_random_uuid(), lease_until = now() + interval '1 hour'
            where id = (select min(id) from webhooks.jobs where replay_id = '{id}');
            update webhooks.jobs set state = 'done', finished_at = now()
            where id = (select max(id) from webhooks.jobs where replay_id = '{id}')
            """);

        var (status, first) = await receiver.Operator.CallAsync($"/replays/{id}/cancel", new { });
        var (_, second) = await receiver.Operator.CallAsync($"/replays/{id}/cancel", new { });

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            """{"pending":0,"running":1,"processed":1,"ignored":0,"buried":0,"cancelled":2}""", first.GetProperty("states").GetRawText());
        Assert.Equal(first.GetRawText(), second.GetRawText());
        Assert.NotEqual(JsonValueKind.Null, first.GetProperty("cancelled_at").ValueKind);
    }

    [Fact]
    public async Task Replays_are_listed_newest_first_page_by_page()
    {
        var ids = new List<string>();
        for (var number = 0; number < 3; number++)
        {
            var (_, replay) = await receiver.Operator.CallAsync(
                "/replays", new { filter = new { event_type = NewType() }, reason = $"{number}" });
            ids.Insert(0, replay.GetProperty("id").GetString()!);
        }

        var first = await receiver.Operator.OkAsync("/replays?limit=2");
        var second = await receiver.Operator.OkAsync($"/replays?limit=1&cursor={first.Cursor()}");

        // Other tests of this class run one after the other, so that these are the newest.
        Assert.Equal(ids, first.Values("id").Concat(second.Values("id")), StringComparer.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await receiver.Operator.CallAsync("/replays?limit=0")).Status);
    }

    // What stands for a credential is longer than it, and one of the two reasons is then cut within a character.
    [Theory]
    [InlineData("token=x ", 246)]
    [InlineData("token=xx ", 245)]
    public async Task A_reason_that_redaction_makes_too_long_is_cut_and_stored(string start, int characters)
    {
        var id = await Tables.AddEventAsync(receiver.Database, "{}", job: Buried);

        var (status, replay) = await receiver.Operator.CallAsync(
            $"/events/{id}/replay", new { reason = start + string.Concat(Enumerable.Repeat("🎉", characters)) });

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.StartsWith("token=***redacted*** 🎉", replay.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"/events/{None}/replay")]
    [InlineData($"/replays/{None}/cancel")]
    public async Task What_is_not_there_is_404_and_leaves_no_replay(string path)
    {
        var before = await Sql.CountAsync(receiver.Database, "webhooks.replays");

        Assert.Equal(HttpStatusCode.NotFound, (await receiver.Operator.CallAsync(path, new { reason = "why" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await receiver.Operator.CallAsync($"/replays/{None}")).Status);
        Assert.Equal(before, await Sql.CountAsync(receiver.Database, "webhooks.replays"));
    }

    [Fact]
    public async Task A_credential_in_the_reason_is_not_kept()
    {
        var id = await Tables.AddEventAsync(receiver.Database, "{}");

        var (_, replay) = await receiver.Operator.CallAsync(
            $"/events/{id}/replay", new { reason = $"token=1 {new string('x', 460)} ghp_0123456789abcdefghij" });

        Assert.DoesNotContain("ghp_", replay.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_in_the_filter_is_not_kept_and_the_filter_still_finds_what_it_says()
    {
        var type = $"{NewType()}-ghp_0123456789abcdefghijABCDEFGHIJ";
        await Tables.AddEventAsync(receiver.Database, "{}", type);

        var (_, replay) = await receiver.Operator.CallAsync(
            "/replays", new { filter = new { event_type = type, source = "github" }, reason = "why" });

        Assert.Equal(1, replay.GetProperty("events").GetInt32());
        Assert.DoesNotContain("ghp_", replay.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("github", replay.GetProperty("filter").GetProperty("source").GetString());
    }

    [Fact]
    public async Task A_replay_runs_the_listeners_again_also_while_the_first_run_still_runs()
    {
        var database = await stack.NewDatabaseAsync();
        var redis = await stack.RedisAsync();
        await using var service = await Stack.Services.ReceiverAsync(database, redis);
        var listener = new HeldListener();
        await using var worker = await Stack.Services.WorkerAsync(
            database, redis, services => services.AddSingleton<WebhookListener>(listener));
        using var client = service.NewClient().With(OperatorToken.Write);
        await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "once", "held"));
        var first = await listener.Calls.Reader.ReadAsync(Cancellation);

        var (status, replay) = await client.CallAsync($"/events/{first.Id}/replay", new { reason = "It hangs." });
        var second = await listener.Calls.Reader.ReadAsync(Cancellation);
        var running = await client.OkAsync($"/events/{first.Id}");
        listener.Release.SetResult();

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(
            ["running", "running"],
            running.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("state").GetString()),
            StringComparer.Ordinal);
        await Eventually.HoldsAsync("both runs are done", async () =>
            (await client.OkAsync($"/events/{first.Id}")).GetProperty("runs").EnumerateArray()
                .All(run => run.GetProperty("state").GetString() == "processed"));
        Assert.Equal(
            1, (await client.OkAsync($"/replays/{replay.GetProperty("id").GetGuid()}")).GetProperty("states")
                .GetProperty("processed").GetInt32());
    }

    private static string NewType() => $"type-{Guid.CreateVersion7():N}";

    private static readonly IEqualityComparer<string> Members = EqualityComparer<string>.Create(
        (one, other) => JsonElement.DeepEquals(JsonElement.Parse(one!), JsonElement.Parse(other!)), _ => 0);

    private async Task<List<Guid>> AddAsync(string type, int count, string job)
    {
        var at = TimeProvider.System.GetUtcNow();
        var ids = new List<Guid>();
        for (var number = 0; number < count; number++)
        {
            ids.Add(await Tables.AddEventAsync(receiver.Database, "{}", type, receivedAt: at.AddMilliseconds(number), job: job));
        }

        return ids;
    }

    private sealed class HeldListener : WebhookListener
    {
        public Channel<WebhookEvent> Calls { get; } = Channel.CreateUnbounded<WebhookEvent>();

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override string Source => "github";

        public override async Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken)
        {
            Calls.Writer.TryWrite(webhookEvent);
            await Release.Task.WaitAsync(cancellationToken);
        }
    }
}
