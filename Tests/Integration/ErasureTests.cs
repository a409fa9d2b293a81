using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Integration.Receiver;
using Aspire.Webhooks.Tests.Integration.Worker;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>Content that is erased is in no sink any more; the rows that it belonged to are.</summary>
public sealed class ErasureTests(TestStack stack) : IAsyncLifetime
{
    private const string Canary = "canary of Ada Lovelace";

    private static readonly string Erase = OperatorToken.Create(OperatorToken.Scope("events:erase"));

    private readonly DirectoryInfo _transcripts = Directory.CreateTempSubdirectory("transcripts-");
    private string _database = "";
    private RedisDatabase _redis = null!;
    private ServiceHost<SourceCatalog>? _receiver;
    private ServiceHost<PlaybookCatalog>? _worker;
    private ServiceHost<DeliveryClient>? _sender;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = $"{await stack.NewDatabaseAsync()};Maximum Pool Size=20";
        _redis = new(await stack.RedisAsync());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in (IAsyncDisposable?[])[_receiver, _worker, _sender])
        {
            if (service is not null)
            {
                await service.DisposeAsync();
            }
        }

        _redis.Dispose();
        _transcripts.Delete(recursive: true);
    }

    [Fact]
    public async Task An_erased_event_is_in_no_table_no_transcript_and_not_in_Redis_and_is_still_a_duplicate()
    {
        await using var model = await ModelServer.StartAsync(
            ModelAnswer.Call("send_message", new { type = "issue.note", data = new { note = $"A note: {Canary}" } }),
            $"It is a {Canary}.");
        await using var merchant = await MerchantServer.StartAsync(async (request, context) =>
        {
            context.Response.StatusCode = request.Number == 1 ? 500 : 200;
            await context.Response.Body.WriteAsync(request.Body, Cancellation);
        });
        await StartAsync(model);
        await Tables.AddEndpointAsync(_database, "acme", merchant.Url);
        var delivery = Guid.CreateVersion7().ToString();
        var body = $$$"""{"action":"opened","issue":{"title":"{{{Canary}}}","number":7}}""";
        using var intake = _receiver!.NewClient();
        await intake.PostAsync(SignedRequest.GitHub(body, delivery, "release"));
        var id = await Sql.ScalarAsync<Guid>(_database, "select id from webhooks.inbound_events");
        await WorkedOffAsync(messages: 2);
        string[] before = [.. await SinksAsync()];
        Assert.All(
            ["inbound_events", "agent_steps", "agent_tasks", "messages", "delivery_attempts", "transcript"],
            sink => Assert.Contains(sink, before, StringComparer.Ordinal));

        using var eraser = _receiver.NewClient().With(Erase);
        using var answer = await eraser.DeleteAsync($"/events/{id}/content?reason=The+person+asked.", Cancellation);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await Eventually.HoldsAsync("no sink has it", async () => (await SinksAsync()).Count == 0);
        Assert.Equal(
            ("erase", "event", $"{id}", "The person asked."),
            (await AuditAsync("action"), await AuditAsync("object_kind"), await AuditAsync("object_id"),
                await AuditAsync("reason")));
        Assert.Equal(HttpStatusCode.OK, (await intake.PostAsync(SignedRequest.GitHub(body, delivery, "release"))).Status);
        Assert.Equal(1, await Sql.CountAsync(_database, "webhooks.inbound_events"));

        // Everybody who asks for the content is told that it is gone.
        using var operators = _receiver.NewClient().With(OperatorToken.Write);
        var shown = await operators.OkAsync($"/events/{id}");
        Assert.Equal("deleted", shown.GetProperty("body").GetProperty("omitted").GetString());
        Assert.Equal("processed", shown.GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.Gone, (await operators.CallAsync($"/events/{id}/replay", new { reason = "why" })).Status);
        var (_, tried) = await operators.CallAsync("/replays", new { all = true, dry_run = true });
        Assert.Equal(0, tried.GetProperty("events").GetInt32());
        using var worker = _worker!.NewClient().With(OperatorToken.Read);
        Assert.Equal(HttpStatusCode.Gone, (await worker.CallAsync("/playbooks/dry-run", new { event_id = id })).Status);
        var task = (await worker.OkAsync("/tasks")).Values("id").Single();
        Assert.Equal(JsonValueKind.Null, (await worker.OkAsync($"/tasks/{task}")).GetProperty("result").ValueKind);
        using var sender = _sender!.NewClient().With(OperatorToken.Of("acme", "webhooks:write"));
        var message = (await sender.OkAsync("/api/v1/messages")).Values("id")[0];
        var payload = (await sender.OkAsync($"/api/v1/messages/{message}")).GetProperty("payload");
        Assert.Equal("deleted", payload.GetProperty("omitted").GetString());
        var sent = (await sender.OkAsync("/api/v1/deliveries")).Values("id")[0];
        using var resent = await sender.PostAsync($"/api/v1/deliveries/{sent}/resend", content: null, Cancellation);
        Assert.Equal(HttpStatusCode.Gone, resent.StatusCode);
    }

    [Fact]
    public async Task An_erased_phone_message_is_gone_from_the_list()
    {
        _receiver = await Services.ReceiverAsync(_database, _redis.ConnectionString);
        var id = await Tables.AddEventAsync(_database, $$"""{"text":"{{Canary}}"}""", job: "state = 'done', finished_at = now()");
        await using (var db = Tables.Open(_database))
        {
            var now = TimeProvider.System.GetUtcNow();
            db.Add(new InboxMessage
            {
                EventId = id, MessageId = "m-1", FromMsisdn = "+14155552671", ToMsisdn = "+14155552672", Ts = now, Text = Canary,
                CreatedAt = now,
            });
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Equal(
            ["inbound_events", "messages_inbox"], (await SinksAsync()).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        using var eraser = _receiver.NewClient().With(Erase);

        Assert.Equal(HttpStatusCode.NoContent, (await eraser.DeleteAsync($"/events/{id}/content", Cancellation)).StatusCode);

        Assert.Empty(await SinksAsync());
        using var client = _receiver.NewClient().With(OperatorToken.Read);
        Assert.Equal(0, (await client.OkAsync("/messages")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task An_erased_task_takes_its_steps_approvals_and_messages_along_and_no_longer_waits()
    {
        await using var model = await ModelServer.StartAsync(
            ModelAnswer.Call("send_message", new { type = "issue.note", data = new { note = Canary } }), "Done.");
        await StartAsync(model, ("Webhooks:Playbooks:triage:RequireApproval:0", "send_message"));
        var id = await Tables.AddEventAsync(_database, """{"zen":"Keep it simple."}""", "release");
        await Eventually.HoldsAsync(
            "the task waits", async () => await Sql.CountAsync(_database, "webhooks.jobs where state = 'waiting'") == 1);
        var task = await Sql.ScalarAsync<Guid>(_database, "select id from webhooks.agent_tasks");
        var approval = await Sql.ScalarAsync<Guid>(_database, "select id from webhooks.approvals");
        string[] before = [.. await SinksAsync()];
        Assert.Contains("approvals", before, StringComparer.Ordinal);
        using var eraser = _worker!.NewClient().With(Erase);

        Assert.Equal(HttpStatusCode.NoContent, (await eraser.DeleteAsync($"/tasks/{task}/content", Cancellation)).StatusCode);

        await Eventually.HoldsAsync("no sink has it", async () => (await SinksAsync()).Count == 0);
        Assert.Equal("cancelled", (await Tables.JobAsync(_database, task)).State);
        using var approver = _worker.NewClient().With(OperatorToken.Approve);
        Assert.Equal(HttpStatusCode.NotFound, (await approver.CallAsync($"/approvals/{approval}")).Status);
        Assert.Equal(1, await Sql.CountAsync(_database, $"webhooks.inbound_events where id = '{id}' and body is not null"));
    }

    [Fact]
    public async Task An_erased_message_is_not_sent_any_more_and_its_key_is_still_taken()
    {
        _sender = await Services.SenderAsync(_database, _redis.ConnectionString, ("Webhooks:Jobs:Delivery:Poll", "00:00:00.1"));
        var outbox = new Outbox(_database);
        await using var server = await MerchantServer.StartAsync(async (request, context) =>
        {
            context.Response.StatusCode = 500;
            await context.Response.Body.WriteAsync(request.Body, Cancellation);
        });
        await outbox.AddEndpointAsync(server.Url);
        var message = outbox.Message($$"""{"who":"{{Canary}}"}""");
        var id = await outbox.PublishAsync(message);
        await outbox.AttemptsAsync(1);
        Assert.Equal(
            ["delivery_attempts", "messages"],
            (await SinksAsync()).Order(StringComparer.Ordinal).Distinct(StringComparer.Ordinal), StringComparer.Ordinal);
        using var eraser = _sender.NewClient().With(Erase);

        await Eventually.HoldsAsync("it is erased", async () =>
            (await eraser.DeleteAsync($"/api/v1/messages/{id}/content", Cancellation)).StatusCode == HttpStatusCode.NoContent);

        Assert.Empty(await SinksAsync());
        Assert.Equal("cancelled", Assert.Single(await outbox.JobsAsync()).State);
        Assert.Equal(id, await outbox.PublishAsync(message));
        var attempts = server.All.Count;
        await outbox.PublishAsync();
        await Eventually.HoldsAsync("the next one is tried", () => Task.FromResult(server.All.Count > attempts));
        Assert.DoesNotContain(server.All.Skip(attempts), request => request.Text.Contains(Canary, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_running_is_not_erased_and_what_nobody_holds_any_more_is_cancelled()
    {
        _receiver = await Services.ReceiverAsync(_database, _redis.ConnectionString);
        using var eraser = _receiver.NewClient().With(Erase);
        const string Held = "state = 'running', attempt = 1, lease_token = gen_random_uuid(), lease_until = now() + interval";
        var running = await Tables.AddTaskAsync(_database, Canary, job: $"{Held} '1 minute'");
        var abandoned = await Tables.AddTaskAsync(_database, Canary, job: $"{Held} '-1 minute'");

        Assert.Equal(HttpStatusCode.Conflict, await EraseAsync(running));
        Assert.Equal(HttpStatusCode.NoContent, await EraseAsync(abandoned));

        Assert.Equal(1, await Sql.CountAsync(_database, "webhooks.inbound_events where body is not null"));
        Assert.Equal("cancelled", (await Tables.JobAsync(_database, abandoned)).State);
        Assert.Equal("running", (await Tables.JobAsync(_database, running)).State);
        Assert.Equal(1, await Sql.CountAsync(_database, "webhooks.audit"));

        async Task<HttpStatusCode> EraseAsync(Guid task)
        {
            var id = await Sql.ScalarAsync<Guid>(_database, $"select event_id from webhooks.agent_tasks where id = '{task}'");
            using var answer = await eraser.DeleteAsync($"/events/{id}/content", Cancellation);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_run_that_finds_its_content_deleted_is_buried_with_the_reason_and_throws_nothing()
    {
        await using var model = await ModelServer.StartAsync("Done.");
        var log = new RecordedLog();
        var id = await Tables.AddEventAsync(_database, "{}");
        var task = await Tables.AddTaskAsync(_database, "{}", "triage");
        var outbox = new Outbox(_database);
        await outbox.AddEndpointAsync(new("http://localhost:9/"));
        await outbox.PublishAsync();
        await Sql.ExecuteAsync(
            _database, "update webhooks.inbound_events set body = null; update webhooks.messages set payload = null");

        await StartAsync(model, log);

        var ofTask = await Tables.FinishedJobAsync(_database, task);
        foreach (var job in (Job[])[await Tables.FinishedJobAsync(_database, id), ofTask, await outbox.FinishedJobAsync()])
        {
            Assert.Equal(("buried", 1), (job.State, job.Attempt));
            Assert.Contains("was deleted", job.LastError, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(log.All, line => line.Exception is not null);
        using var worker = _worker!.NewClient().With(OperatorToken.Read);
        Assert.Equal("buried", (await worker.OkAsync($"/tasks/{task}")).GetProperty("state").GetString());
    }

    private Task StartAsync(ModelServer model, params (string Key, string Value)[] settings) => StartAsync(model, null, settings);

    private async Task StartAsync(ModelServer model, RecordedLog? log, params (string Key, string Value)[] settings)
    {
        (string, string)[] all =
        [
            .. model.Settings, .. AgentSetup.Playbook(), ("Webhooks:Transcripts:Directory", _transcripts.FullName),
            ("Webhooks:Jobs:Event:Poll", "00:00:00.1"), ("Webhooks:Jobs:Task:Poll", "00:00:00.1"), .. settings,
        ];
        _receiver = await Services.ReceiverAsync(_database, _redis.ConnectionString);
        _worker = await Services.WorkerAsync(
            _database, _redis.ConnectionString,
            services =>
            {
                if (log is not null)
                {
                    services.AddSingleton<ILoggerProvider>(log);
                }
            },
            all);
        _sender = await Services.SenderAsync(_database, _redis.ConnectionString, ("Webhooks:Jobs:Delivery:Poll", "00:00:00.1"));
    }

    private Task WorkedOffAsync(int messages) => Eventually.HoldsAsync("all is worked off", async () =>
        await Sql.CountAsync(_database, "webhooks.jobs where finished_at is null") == 0
        && await Sql.CountAsync(_database, "webhooks.messages") == messages);

    private Task<string?> AuditAsync(string column) => Sql.ScalarAsync<string>(_database, $"select {column} from webhooks.audit");

    // The names of the sinks that have the canary.
    private async Task<IReadOnlyList<string>> SinksAsync()
    {
        var found = new List<string>();
        var tables = await Sql.ScalarAsync<string[]>(
            _database, "select array_agg(tablename) from pg_tables where schemaname = 'webhooks'");
        var inHex = Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(Canary));
        foreach (var table in tables!)
        {
            // Bytes are shown in hexadecimal.
            var rows = await Sql.CountAsync(
                _database, $"webhooks.{table} t where t::text like '%{Canary}%' or t::text like '%{inHex}%'");
            if (rows > 0)
            {
                found.Add(table);
            }
        }

        foreach (var file in _transcripts.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if ((await File.ReadAllTextAsync(file.FullName, Cancellation)).Contains(Canary, StringComparison.Ordinal))
            {
                found.Add("transcript");
            }
        }

        found.AddRange(_redis.Keys().Where(key => key.Contains(Canary, StringComparison.Ordinal)));
        return found;
    }
}
