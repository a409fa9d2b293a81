using System.Text.Json;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.Tests.Integration.Queue;
using Aspire.Webhooks.Tests.Integration.Worker;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>What operators are told, once, and of what they are not.</summary>
public sealed class OperatorEventTests(TestStack stack)
{
    private const string Operators = "operators-of-the-tests";

    // A job that has failed so often is buried by the next failure.
    private const string Last = "failures = 3";

    private static readonly (string Key, string Value) Setting = ("Webhooks:Operators:Merchant", Operators);

    private readonly string _source = $"told-{Guid.CreateVersion7():N}"[..30];

    [Fact]
    public async Task A_buried_event_is_told_once_without_the_secret_in_its_error_though_its_commit_had_to_be_repeated()
    {
        var database = await stack.NewDatabaseAsync();
        var id = await Tables.AddEventAsync(database, "{}", "order.paid", _source, job: Last);
        await Sql.ExecuteAsync(database, """
            create sequence commits;
            create function fail_once() returns trigger language plpgsql as $$
            begin
                if nextval('commits') = 1 then raise exception 'once' using errcode = '40001'; end if;
                return null;
            end $$;
            create constraint trigger fail_once after update on webhooks.jobs deferrable initially deferred
            for each row when (new.state = 'buried') execute function fail_once()
            """);

        await BuryAsync(database, id, Setting);

        Assert.Equal(2, await Sql.ScalarAsync<long>(database, "select last_value from commits"));
        var (type, data) = Assert.Single(await ToldAsync(database));
        Assert.Equal(
            ("event.buried", id, _source, "order.paid", 1),
            (type, data.GetProperty("event_id").GetGuid(), Text(data, "source"), Text(data, "event_type"),
                data.GetProperty("attempts").GetInt32()));
        Assert.Contains("cannot log in", Text(data, "reason"), StringComparison.Ordinal);
        Assert.DoesNotContain(Services.GitHubSecret, Text(data, "reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_merchant_nobody_is_told()
    {
        var database = await stack.NewDatabaseAsync();

        await BuryAsync(database, await Tables.AddEventAsync(database, "{}", source: _source, job: Last));

        Assert.Equal(0, await Sql.CountAsync(database, "webhooks.messages"));
    }

    [Fact]
    public async Task A_job_is_buried_even_if_what_operators_are_told_cannot_be_stored()
    {
        var database = await stack.NewDatabaseAsync();
        await Sql.ExecuteAsync(database, $"alter table webhooks.messages add check (merchant_id <> '{Operators}')");

        await BuryAsync(database, await Tables.AddEventAsync(database, "{}", source: _source, job: Last), Setting);

        Assert.Empty(await ToldAsync(database));
    }

    // A message of theirs that came back to a source of this installation, as to a listener that posts it to a chat.
    [Fact]
    public async Task An_event_that_is_a_message_to_operators_is_not_told()
    {
        var database = await stack.NewDatabaseAsync();
        var message = await new Outbox(database, Operators).PublishAsync();
        var id = await Tables.AddEventAsync(database, "{}", source: _source, job: Last);
        await Sql.ExecuteAsync(database, $"update webhooks.inbound_events set delivery_id = '{message}' where id = '{id}'");

        await BuryAsync(database, id, Setting);

        Assert.Equal("invoice.paid", Assert.Single(await ToldAsync(database)).Type);
    }

    [Fact]
    public async Task A_run_that_has_lost_its_lease_tells_nothing()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        var events = new OperatorEvents(
            Options.Create(new OperatorOptions { Merchant = Operators }), Options.Create(new LinksOptions()), TimeProvider.System,
            NullLogger<OperatorEvents>.Instance);
        var id = await Tables.AddEventAsync(jobs.ConnectionString, "{}", source: _source);
        var first = Assert.Single(await jobs.ClaimAsync(lane: _source));
        await jobs.ExpireAsync(first);
        var second = Assert.Single(await jobs.ClaimAsync(lane: _source));

        Assert.False(await jobs.SettleAsync(first, events.Tell(JobKind.Event, first, JobOutcome.Bury("No."))));
        Assert.Empty(await ToldAsync(jobs.ConnectionString));
        Assert.True(await jobs.SettleAsync(second, events.Tell(JobKind.Event, second, JobOutcome.Bury("No."))));

        Assert.Equal(id, Assert.Single(await ToldAsync(jobs.ConnectionString)).Data.GetProperty("event_id").GetGuid());
    }

    [Fact]
    public async Task An_approval_that_is_requested_and_a_task_that_is_buried_are_told()
    {
        await using var model = await ModelServer.StartAsync(
            ModelAnswer.Call("send_message", new { type = "issue.note", data = new { n = 1 } }), "Sent.");
        await using var setup = await AgentSetup.StartAsync(
            stack, model, [.. AgentSetup.Playbook(approval: ["send_message"]), Setting]);
        var waiting = await setup.InStateAsync(await setup.AddAsync("{}"), "waiting");
        var buried = await Tables.AddTaskAsync(setup.Database, "{}", playbook: "no-such-playbook");
        await Tables.FinishedJobAsync(setup.Database, buried);

        var told = (await ToldAsync(setup.Database)).ToDictionary(one => one.Type, one => one.Data, StringComparer.Ordinal);

        var approval = Assert.Single(waiting.Approvals);
        Assert.Equal(["approval.requested", "task.buried"], told.Keys.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(
            (approval.Id, waiting.Id, waiting.EventId, "triage", "send_message", approval.ArgumentsSha256),
            (told["approval.requested"].GetProperty("approval_id").GetGuid(),
                told["approval.requested"].GetProperty("task_id").GetGuid(),
                told["approval.requested"].GetProperty("event_id").GetGuid(), Text(told["approval.requested"], "playbook"),
                Text(told["approval.requested"], "tool"), Text(told["approval.requested"], "arguments_sha256")));
        Assert.Equal(
            (buried, "no-such-playbook"),
            (told["task.buried"].GetProperty("task_id").GetGuid(), Text(told["task.buried"], "playbook")));
    }

    [Fact]
    public async Task A_failed_delivery_and_its_disabled_endpoint_are_delivered_to_operators_signed()
    {
        var database = await stack.NewDatabaseAsync();
        await using var down = await MerchantServer.StartAsync(500);
        await using var people = await MerchantServer.StartAsync();
        var outbox = new Outbox(database);
        var endpoint = await outbox.AddEndpointAsync(down.Url);
        await new Outbox(database, Operators).AddEndpointAsync(people.Url, types: ["delivery.failed", "endpoint.disabled"]);
        var message = await outbox.PublishAsync();
        await using var sender = await Services.SenderAsync(
            database, await stack.RedisAsync(), Setting, ("WEBHOOK_MAX_RETRIES", "0"), ("WEBHOOK_MAX_CONSECUTIVE_FAILURES", "1"));

        MerchantRequest[] arrived = [await people.NextAsync(), await people.NextAsync()];

        Assert.All(arrived, request => Assert.StartsWith("v1,", request.Headers["webhook-signature"], StringComparison.Ordinal));
        var told = arrived.Select(request => JsonElement.Parse(request.Text))
            .ToDictionary(body => Text(body, "type"), body => body.GetProperty("data"), StringComparer.Ordinal);
        Assert.All(told.Values, data => Assert.Equal(
            (outbox.Merchant, endpoint), (Text(data, "merchant_id"), data.GetProperty("endpoint_id").GetGuid())));
        Assert.Equal(
            (message, "invoice.paid", 1),
            (Text(told["delivery.failed"], "message_id"), Text(told["delivery.failed"], "event_type"),
                told["delivery.failed"].GetProperty("attempts").GetInt32()));
        Assert.Equal("failures", Text(told["endpoint.disabled"], "reason"));
    }

    [Fact]
    public async Task A_failed_delivery_to_operators_is_not_told()
    {
        var database = await stack.NewDatabaseAsync();
        await using var down = await MerchantServer.StartAsync(500);
        var outbox = new Outbox(database);
        await outbox.AddEndpointAsync(down.Url);
        var people = new Outbox(database, Operators);
        await people.AddEndpointAsync(down.Url);
        await outbox.PublishAsync();
        await using var sender = await Services.SenderAsync(
            database, await stack.RedisAsync(), Setting, ("WEBHOOK_MAX_RETRIES", "0"), ("WEBHOOK_MAX_CONSECUTIVE_FAILURES", "1"));

        // Both were told of the first endpoint: its failure, and that it is disabled. Neither arrived.
        await Eventually.HoldsAsync("both messages to operators have failed", async () =>
            await people.JobsAsync() is { Count: >= 2 } jobs && jobs.TrueForAll(job => job.FinishedAt is not null));

        Assert.Equal(
            ["delivery.failed", "endpoint.disabled"],
            (await ToldAsync(database)).Where(one => one.Data.TryGetProperty("merchant_id", out _)).Select(one => one.Type)
                .Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Single(await ToldAsync(database), one => one.Type == "delivery.failed");
    }

    [Fact]
    public async Task A_silent_source_is_told_once_whoever_notices()
    {
        var database = await stack.NewDatabaseAsync();
        var (first, second, busy) = ($"a-{_source}", $"b-{_source}", $"c-{_source}");
        var twoHoursAgo = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(2);
        var last = await Tables.AddEventAsync(database, "{}", source: first, receivedAt: twoHoursAgo);
        await Tables.AddEventAsync(database, "{}", source: second, receivedAt: twoHoursAgo);
        await Tables.AddEventAsync(database, "{}", source: busy);
        await using (await WorkerAsync(first, busy))
        {
            await Eventually.HoldsAsync("it is told", async () => (await ToldAsync(database)).Count == 1);
        }

        // Sources are looked at in the order of their names.
        await using (await WorkerAsync(busy, first, second))
        {
            await Eventually.HoldsAsync("the other is told", async () => (await ToldAsync(database)).Count > 1);
        }

        var told = await ToldAsync(database);
        Assert.Equal([first, second], told.Select(one => Text(one.Data, "source")), StringComparer.Ordinal);
        Assert.All(told, one => Assert.Equal("source.silent", one.Type));
        Assert.Equal(last, told[0].Data.GetProperty("last_event_id").GetGuid());

        async Task<IAsyncDisposable> WorkerAsync(params string[] sources) => await Services.WorkerAsync(
            database, await stack.RedisAsync(),
            [Setting, .. sources.Select(source => ($"Webhooks:Operators:Sources:{source}:SilentAfter", "01:00:00"))]);
    }

    private static string Text(JsonElement data, string name) => data.GetProperty(name).GetString()!;

    private static async Task<List<(string Type, JsonElement Data)>> ToldAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand($"""
            select event_type, convert_from(payload, 'UTF8') from webhooks.messages where merchant_id = '{Operators}' order by id
            """);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var told = new List<(string Type, JsonElement Data)>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            var payload = JsonElement.Parse(reader.GetString(1));
            told.Add((reader.GetString(0), payload.TryGetProperty("data", out var data) ? data : payload));
        }

        return told;
    }

    private async Task BuryAsync(string database, Guid id, params (string Key, string Value)[] settings)
    {
        var listener = new FirstListener
        {
            ForSource = _source, Script = [ScriptedListener.Fails($"cannot log in with {Services.GitHubSecret}")],
        };
        await using var worker = await ScriptedListener.WorkerAsync(stack, database, [listener], log: null, settings);
        Assert.Equal("buried", (await Tables.FinishedJobAsync(database, id)).State);
    }
}
