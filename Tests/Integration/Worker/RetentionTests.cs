using System.Net;
using Aspire.Webhooks.Series;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Integration.Receiver;
using Aspire.Webhooks.Tests.Integration.Sender.Endpoints;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Retention;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>Old data is deleted, on a controlled clock, and no data that is still needed.</summary>
public sealed class RetentionTests(TestStack stack) : IAsyncLifetime
{
    private const string Done = "state = 'done', finished_at = due_at";
    private const string Buried = "state = 'buried', finished_at = due_at";

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly RetentionOptions _options = new();
    private string _database = "";
    private NpgsqlDataSource _source = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DateTimeOffset Now => _time.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        _database = await stack.NewDatabaseAsync();
        _source = NpgsqlDataSource.Create(_database);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task The_content_of_old_events_is_deleted_and_later_the_events()
    {
        var (old, young) = (await EventAsync(days: 31), await EventAsync(days: 29));

        var deleted = await RunAsync();

        Assert.Equal((1, 0), (deleted.Bodies, deleted.Events));
        Assert.Equal(["{} null", "{} there"], await EventsAsync());
        Assert.Equal(0, (await RunAsync()).Bodies);

        _time.Advance(TimeSpan.FromDays(60));
        deleted = await RunAsync();

        Assert.Equal((1, 1), (deleted.Bodies, deleted.Events));
        Assert.Equal(0, await Sql.CountAsync(_database, $"webhooks.jobs where ref_id = '{old}'"));
        Assert.Equal(1, await Sql.CountAsync(_database, $"webhooks.inbound_events where id = '{young}' and body is null"));
    }

    [Fact]
    public async Task A_duplicate_is_known_after_its_content_is_gone_and_as_long_as_its_event_is_there()
    {
        await using var receiver = await Services.ReceiverAsync(
            _database, await stack.RedisAsync(), ("Webhooks:Idempotency:Provider", "None"));
        using var client = receiver.NewClient();
        var id = Receiver.Delivery.NewId();
        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(SignedRequest.GitHub("{}", id))).Status);
        await Sql.ExecuteAsync(_database, $"update webhooks.jobs set {Done}");

        _time.Advance(TimeSpan.FromDays(89));
        Assert.Equal(1, (await RunAsync()).Bodies);
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync(SignedRequest.GitHub("{}", id))).Status);

        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, (await RunAsync()).Events);
        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(SignedRequest.GitHub("{}", id))).Status);
    }

    [Fact]
    public async Task What_an_open_job_needs_is_kept_until_it_ends()
    {
        var retried = await EventAsync(days: 500, job: "attempt = 1");
        var waiting = await TaskAsync(days: 500, job: "state = 'waiting'");
        var message = await MessageAsync(days: 500, job: "attempt = 1");

        var deleted = await RunAsync();

        Assert.Equal((0, 0, 0, 0), (deleted.Bodies, deleted.Events, deleted.Steps, deleted.Messages));
        Assert.Equal(2, await Sql.CountAsync(_database, "webhooks.inbound_events where body is not null"));
        Assert.Equal(1, await Sql.CountAsync(_database, $"webhooks.agent_steps where task_id = '{waiting}'"));
        await Sql.ExecuteAsync(_database, $"update webhooks.jobs set {Done} where finished_at is null");

        deleted = await RunAsync();

        Assert.Equal((2, 2, 1, 1), (deleted.Bodies, deleted.Events, deleted.Steps, deleted.Messages));
        Assert.Equal(0, await RowsAsync());
        Assert.NotEqual(retried, waiting);
        Assert.NotEmpty(message);
    }

    [Fact]
    public async Task Jobs_that_are_done_are_deleted_and_what_they_were_about_stays_as_it_was()
    {
        var (done, buried, ignored) = (
            await EventAsync(days: 8), await EventAsync(days: 8, job: Buried),
            await EventAsync(days: 8, job: "state = 'ignored', finished_at = due_at"));
        var young = await EventAsync(days: 6);
        var task = await TaskAsync(days: 8);
        var message = await MessageAsync(days: 8, merchant: "acme");

        Assert.Equal(4, (await RunAsync()).Jobs);

        Assert.Equal(3, await Sql.CountAsync(_database, "webhooks.jobs"));
        await using var receiver = await Services.ReceiverAsync(_database, await stack.RedisAsync());
        using var operators = receiver.NewClient().With(OperatorToken.Read);
        (Guid, string)[] states = [(done, "processed"), (buried, "buried"), (ignored, "ignored"), (young, "processed")];
        foreach (var (id, state) in states)
        {
            Assert.Equal(state, (await operators.OkAsync($"/events/{id}")).GetProperty("state").GetString());
        }

        await using var worker = await Services.WorkerAsync(_database, await stack.RedisAsync());
        using var tasks = worker.NewClient().With(OperatorToken.Read);
        Assert.Equal("completed", (await tasks.OkAsync($"/tasks/{task}")).GetProperty("state").GetString());
        await using var sender = await Services.SenderAsync(_database, await stack.RedisAsync());
        using var merchant = sender.NewClient().With(OperatorToken.Of("acme", "webhooks:read"));
        var deliveries = await merchant.OkAsync("/api/v1/deliveries?state=delivered");
        var delivery = deliveries.GetProperty("data").EnumerateArray().Single();
        Assert.Equal((message, "delivered"), (delivery.Text("message_id"), delivery.Text("state")));
        Assert.Equal((1, 2), (
            delivery.GetProperty("attempts")[0].GetProperty("run").GetInt32(),
            delivery.GetProperty("attempts")[0].GetProperty("attempt").GetInt32()));
        using var admin = sender.NewClient().With(OperatorToken.Create(OperatorToken.Scope("admin")));
        var stats = await admin.OkAsync("/api/v1/admin/stats?since=2026-01-01T00:00:00Z");
        Assert.Equal(1, stats.GetProperty("total").GetProperty("delivered").GetInt64());
        Assert.Equal(2, stats.GetProperty("attempts")[0].GetProperty("attempts").GetInt32());
    }

    [Fact]
    public async Task An_event_that_was_repeated_with_success_stays_processed_when_its_jobs_are_deleted()
    {
        var id = await EventAsync(days: 20, job: Buried);
        await JobAsync("event", id, days: 10, Done);
        var again = await EventAsync(days: 20, job: Done);
        await JobAsync("event", again, days: 10, Buried);

        Assert.Equal(3, (await RunAsync()).Jobs);

        Assert.Equal(
            [$"{again} buried"],
            [await Sql.ScalarAsync<string>(_database, "select string_agg(ref_id || ' ' || state, ',') from webhooks.jobs")],
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_replay_counts_its_runs_as_long_as_their_events_are_kept()
    {
        var replay = await ReplayAsync(days: 20);
        var id = await EventAsync(days: 21);
        await JobAsync("event", id, days: 20, $"replay_id = '{replay}', {Done}");

        Assert.Equal(1, (await RunAsync()).Jobs);

        await using var receiver = await Services.ReceiverAsync(_database, await stack.RedisAsync());
        using var operators = receiver.NewClient().With(OperatorToken.Read);
        var states = (await operators.OkAsync($"/replays/{replay}")).GetProperty("states");
        Assert.Equal(1, states.GetProperty("processed").GetInt32());
        Assert.Equal("processed", (await operators.OkAsync($"/events/{id}")).Text("state"));
    }

    [Fact]
    public async Task An_endpoint_that_was_deleted_goes_after_its_last_delivery()
    {
        await MessageAsync(days: 91, merchant: "gone");
        await MessageAsync(days: 89, merchant: "going");
        await AddEndpointAsync("staying");
        await Sql.ExecuteAsync(_database, $"""
            update webhooks.endpoints set
                active = false, disabled_at = created_at, disabled_reason = 'merchant',
                deleted_at = '{Now - TimeSpan.FromDays(91):O}'
            where merchant_id <> 'staying'
            """);

        Assert.Equal(1, (await RunAsync()).Endpoints);

        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, (await RunAsync()).Endpoints);
        Assert.Equal("staying", await Sql.ScalarAsync<string>(_database, "select merchant_id from webhooks.endpoints"));
    }

    [Fact]
    public async Task Steps_approvals_and_results_go_before_their_tasks()
    {
        var (old, young) = (await TaskAsync(days: 31), await TaskAsync(days: 29));

        Assert.Equal(1, (await RunAsync()).Steps);

        await using var db = Tables.Open(_database);
        var tasks = await db.AgentTasks.Include(task => task.Steps).Include(task => task.Approvals).AsNoTracking()
            .ToDictionaryAsync(task => task.Id, Cancellation);
        Assert.Null(tasks[old].Result);
        Assert.Empty(tasks[old].Steps);
        Assert.Empty(tasks[old].Approvals);
        Assert.NotNull(tasks[young].Result);
        Assert.Single(tasks[young].Steps);
        Assert.Single(tasks[young].Approvals);
    }

    [Fact]
    public async Task A_message_outlives_the_task_that_made_it_and_its_attempts_go_with_it()
    {
        var task = await TaskAsync(days: 91);
        await MessageAsync(days: 89, task: task);

        var deleted = await RunAsync();
        Assert.Equal((1, 0), (deleted.Events, deleted.Messages));
        Assert.Equal(1, await Sql.CountAsync(_database, "webhooks.messages where task_id is null"));
        Assert.Equal(1, await Sql.CountAsync(_database, "webhooks.delivery_attempts"));

        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, (await RunAsync()).Messages);
        Assert.Equal(0, await RowsAsync());
    }

    [Fact]
    public async Task A_source_can_have_times_of_its_own()
    {
        _options.Sources["Short"] = new()
        {
            Bodies = TimeSpan.FromDays(1), Steps = TimeSpan.FromDays(1), Ledger = TimeSpan.FromDays(2),
        };
        _options.Sources["long"] = new()
        {
            Bodies = TimeSpan.FromDays(300), Steps = TimeSpan.FromDays(300), Ledger = TimeSpan.Zero,
        };
        foreach (var source in (string[])["short", "long", "other"])
        {
            await TaskAsync(days: 400, source);
            await TaskAsync(days: 200, source);
            await TaskAsync(days: 1.5, source);
            await TaskAsync(days: 0.5, source);
        }

        var deleted = await RunAsync();

        Assert.Equal((3 + 1 + 2, 3 + 1 + 2, 2 + 0 + 2), (deleted.Steps, deleted.Bodies, deleted.Events));
        Assert.Equal(
            "long 3 4, other 2 2, short 1 2",
            await Sql.ScalarAsync<string>(_database, """
                select string_agg(source || ' ' || bodies || ' ' || events, ', ' order by source)
                from (
                    select source, count(body) as bodies, count(*) as events from webhooks.inbound_events group by source) counted
                """));
    }

    [Fact]
    public async Task Steps_that_were_kept_for_an_open_task_are_deleted_by_a_later_run_of_the_same_process()
    {
        _options.Sources["long"] = new() { Steps = TimeSpan.FromDays(60) };
        await TaskAsync(days: 50, source: "long");
        var waiting = await TaskAsync(days: 40, job: "state = 'waiting'");
        await TaskAsync(days: 35);
        await TaskAsync(days: 29);
        var run = NewRun();
        Assert.Equal(1, (await run.RunAsync(Cancellation))!.Steps);
        await Sql.ExecuteAsync(_database, $"update webhooks.jobs set {Done} where ref_id = '{waiting}'");

        Assert.Equal(1, (await run.RunAsync(Cancellation))!.Steps);

        _time.Advance(TimeSpan.FromDays(11));
        Assert.Equal(2, (await run.RunAsync(Cancellation))!.Steps);
    }

    [Fact]
    public async Task A_time_of_0_keeps_for_ever()
    {
        var times = typeof(RetentionOptions).GetProperties().Where(property => property.PropertyType == typeof(TimeSpan));
        foreach (var property in times)
        {
            property.SetValue(_options, TimeSpan.Zero);
        }

        await TaskAsync(days: 3000);
        await MessageAsync(days: 3000);
        await AuditAsync(days: 3000);
        await ReplayAsync(days: 3000);

        Assert.False((await RunAsync()).Any);
    }

    [Fact]
    public async Task Replays_and_the_audit_go_in_their_time()
    {
        await AuditAsync(days: 401);
        await AuditAsync(days: 399);
        var used = await ReplayAsync(days: 91);
        await ReplayAsync(days: 92);
        await ReplayAsync(days: 89);
        await JobAsync("event", await EventAsync(days: 1), days: 1, $"replay_id = '{used}', {Done}");

        var deleted = await RunAsync();

        Assert.Equal((1, 1), (deleted.Audit, deleted.Replays));
        Assert.Equal(1, await Sql.CountAsync(_database, "webhooks.audit"));
        Assert.Equal(2, await Sql.CountAsync(_database, "webhooks.replays"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(500)]
    public async Task Any_size_of_a_batch_deletes_the_same(int size)
    {
        _options.BatchSize = size;
        for (var n = 0; n < 20; n++)
        {
            await TaskAsync(days: 100, job: n % 5 == 0 ? "state = 'waiting'" : Done);
            await MessageAsync(days: 100, job: n % 5 == 0 ? "attempt = 1" : Done);
        }

        var deleted = await RunAsync();

        Assert.Equal((16, 16, 16, 16), (deleted.Steps, deleted.Bodies, deleted.Events, deleted.Messages));
        Assert.Equal(4, await Sql.CountAsync(_database, "webhooks.inbound_events where body is not null"));
    }

    [Fact]
    public async Task One_process_deletes_at_a_time()
    {
        await EventAsync(days: 31);
        await using var other = await _source.OpenConnectionAsync(Cancellation);
        await using var hold = new NpgsqlCommand("select pg_advisory_lock(hashtext('webhooks.retention'))", other);
        await hold.ExecuteNonQueryAsync(Cancellation);

        Assert.Null(await NewRun().RunAsync(Cancellation));

        await using var release = new NpgsqlCommand("select pg_advisory_unlock(hashtext('webhooks.retention'))", other);
        await release.ExecuteNonQueryAsync(Cancellation);
        Assert.Equal(1, (await RunAsync()).Bodies);
    }

    [Fact]
    public async Task A_run_that_fails_keeps_no_other_process_from_deleting()
    {
        await Sql.ExecuteAsync(_database, "alter table webhooks.audit rename to audit_elsewhere");
        await Assert.ThrowsAsync<PostgresException>(RunAsync);
        await Sql.ExecuteAsync(_database, "alter table webhooks.audit_elsewhere rename to audit");

        await using var another = NpgsqlDataSource.Create(_database);
        Assert.NotNull(await new RetentionRun(another, Options.Create(_options), _time).RunAsync(Cancellation));
    }

    [Fact]
    public async Task A_Worker_deletes_at_start_and_again_and_says_so_in_one_line_and_an_outage_is_one_line()
    {
        var log = new RecordedLog();
        await AddOldAsync(days: 31);
        await using var worker = await Services.WorkerAsync(
            _database, await stack.RedisAsync(), services => services.AddSingleton<ILoggerProvider>(log),
            ("Webhooks:Retention:Interval", "00:00:01"));
        await Eventually.HoldsAsync("the first line is there", () => Task.FromResult(log.Of(3601).Any()));

        await AddOldAsync(days: 32);
        await Eventually.HoldsAsync("the second line is there", () => Task.FromResult(log.Of(3601).Count() == 2));
        Assert.All(log.Of(3601), line => Assert.Contains("the content of 1 events", line.Text, StringComparison.Ordinal));

        await Sql.ExecuteAsync(_database, "alter table webhooks.audit rename to audit_elsewhere");
        await Eventually.HoldsAsync("the outage is told", () => Task.FromResult(log.Of(3602).Any()));
        await Sql.ExecuteAsync(_database, "alter table webhooks.audit_elsewhere rename to audit");
        await Eventually.HoldsAsync("its end is told", () => Task.FromResult(log.Of(3603).Any()));
        Assert.Single(log.Of(3602));

        Task AddOldAsync(int days) => Tables.AddEventAsync(
            _database, "{}", receivedAt: TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(days), job: Done);
    }

    // The smallest traffic that shows it. `./bench.sh endure` measures a day at 100 events a second.
    [Fact]
    public async Task Tables_and_indexes_stay_as_large_as_they_are_with_retention_on()
    {
        const int PerDay = 400;
        (_options.Bodies, _options.Steps, _options.Jobs) = (TimeSpan.FromDays(2), TimeSpan.FromDays(2), TimeSpan.FromDays(1));
        (_options.Ledger, _options.Messages) = (TimeSpan.FromDays(4), TimeSpan.FromDays(4));
        await AddEndpointAsync("acme");
        var sizes = new List<Dictionary<string, long>>();
        for (var day = 0; day < 18; day++)
        {
            for (var hour = 0; hour < 24; hour += 12)
            {
                await TrafficAsync(PerDay / 2);
                _time.Advance(TimeSpan.FromHours(12));
                await RunAsync();
            }

            // Autovacuum follows the real clock.
            await Sql.ExecuteAsync(_database, "vacuum");
            sizes.Add(await SizesAsync());
        }

        Assert.Equal(4 * PerDay, await Sql.CountAsync(_database, "webhooks.inbound_events"));
        Assert.Equal(2 * PerDay, await Sql.CountAsync(_database, "webhooks.inbound_events where body is not null"));

        // Sizes vary from day to day, because free pages at the end of a table are given back. The largest of six days counts.
        foreach (var name in sizes[^1].Keys.Order(StringComparer.Ordinal))
        {
            var (before, after) = (
                sizes[6..12].Max(of => of.GetValueOrDefault(name)), sizes[12..].Max(of => of.GetValueOrDefault(name)));
            Assert.True(after <= (before * 1.15) + 32_768, $"{name} grew from {before} to {after}.");
        }
    }

    [Fact]
    public async Task A_run_that_finds_nothing_old_reads_few_pages_of_the_indexes()
    {
        await Sql.ExecuteAsync(_database, """
            insert into webhooks.inbound_events (id, source, delivery_id, event_type, received_at, headers, content_type, body)
            select webhooks.uuid_v7(now() - interval '1 day'), 'github', number::text, 'push', now(), '{}', 'text/plain', '\x00'
            from generate_series(1, 20000) number
            """);
        await Sql.ExecuteAsync(_database, "analyze webhooks.inbound_events");
        await using var one = NpgsqlDataSource.Create($"{_database};Maximum Pool Size=1");
        var before = await PagesReadAsync(one);

        await new RetentionRun(one, Options.Create(_options), _time).RunAsync(Cancellation);

        // The indexes of these events have some 300 pages. A batch of each kind reads 8 of them.
        Assert.InRange(await PagesReadAsync(one) - before, 1, 60);
    }

    [Fact]
    public async Task What_no_series_has_counted_yet_is_kept_until_it_is_counted()
    {
        await EventAsync(days: 100);
        await MessageAsync(days: 100);
        await Sql.ExecuteAsync(
            _database, "update webhooks.series_marks set (minutes, hours) = "
                + "(now() - interval '101 days', now() - interval '101 days') where name = 'delivered'");

        var deleted = await RunAsync();

        Assert.Equal((0, 0, 0, 1), (deleted.Jobs, deleted.Events, deleted.Messages, deleted.Bodies));
        await Sql.ExecuteAsync(_database, "update webhooks.series_marks set minutes = now() where name = 'delivered'");
        deleted = await RunAsync();
        Assert.Equal((2, 1, 1), (deleted.Jobs, deleted.Events, deleted.Messages));
    }

    [Fact]
    public async Task What_was_counted_stays_when_the_rows_are_deleted_as_long_as_series_are_kept()
    {
        await EventAsync(days: 100);
        await MessageAsync(days: 100);
        await Sql.ExecuteAsync(_database, $"update webhooks.delivery_attempts set logged_at = '{Now.AddDays(-100):O}'");
        var begin = SeriesStep.Day.Start(Now.AddDays(-101));
        await Sql.ExecuteAsync(_database, $"update webhooks.series_marks set minutes = '{begin:O}', hours = '{begin:O}'");
        await new SeriesRollup(_source) { Chunk = TimeSpan.FromDays(200) }.RunAsync(Cancellation);
        Assert.Equal((1, 1, 1), await CountedAsync());

        var deleted = await RunAsync();

        Assert.Equal((1, 1), (deleted.Events, deleted.Messages));
        Assert.True(deleted.Series > 0, "the minutes are deleted");
        Assert.Equal(0, await Sql.CountAsync(_database, "webhooks.series where step = 'minute'"));
        Assert.Equal((1, 1, 1), await CountedAsync());

        _time.Advance(_options.Series);
        await RunAsync();
        Assert.Equal(0, await Sql.CountAsync(_database, "webhooks.series"));

        async Task<(long, long, long)> CountedAsync() => (
            await TotalAsync(SeriesDefinition.Received), await TotalAsync(SeriesDefinition.Processed),
            await TotalAsync(SeriesDefinition.Delivered));

        async Task<long> TotalAsync(SeriesDefinition series)
        {
            var span = new SeriesSpan(SeriesStep.Day, begin, begin.AddDays(5));
            return (await new SeriesQueries(_source).ReadAsync(series, span, null, Cancellation)).Total.Count;
        }
    }

    private RetentionRun NewRun() => new(_source, Options.Create(_options), _time);

    private async Task<DeletedRows> RunAsync() =>
        await NewRun().RunAsync(Cancellation) ?? throw new InvalidOperationException("Another process holds the lock.");

    private Task<Guid> EventAsync(double days, string job = Done) => EventAsync(days, "github", job);

    private async Task<Guid> EventAsync(double days, string source, string job)
    {
        var at = Now - TimeSpan.FromDays(days);
        var id = await Tables.AddEventAsync(_database, "{}", source: source, receivedAt: at);
        await SetAsync(id, at, job);
        return id;
    }

    private async Task<Guid> TaskAsync(double days, string source = "github", string job = Done)
    {
        var at = Now - TimeSpan.FromDays(days);
        var id = await Tables.AddTaskAsync(_database, "{}", source: source, createdAt: at);
        await SetAsync(id, at, job);
        await Sql.ExecuteAsync(_database, $$"""
            update webhooks.agent_tasks set result = '{}' where id = '{{id}}';
            insert into webhooks.agent_steps (task_id, position, kind, content, created_at, tool)
            values ('{{id}}', 0, 'approval', 'Delete it?', '{{at:O}}', 'delete_branch');
            insert into webhooks.approvals
                (id, task_id, position, tool, arguments, arguments_sha256, state, expires_at, decided_at)
            values (gen_random_uuid(), '{{id}}', 0, 'delete_branch', '{}', repeat('0', 64), 'expired', '{{at:O}}', '{{at:O}}')
            """);
        return id;
    }

    private async Task<string> MessageAsync(double days, string job = Done, Guid? task = null, string merchant = "acme")
    {
        await AddEndpointAsync(merchant);
        var at = Now - TimeSpan.FromDays(days);
        var id = MessageId.Of(Guid.CreateVersion7(at));
        var taskId = task is null ? "null" : $"'{task}'";
        await Sql.ExecuteAsync(_database, $$"""
            insert into webhooks.messages
                (id, merchant_id, event_type, payload, content_type, idempotency_key, task_id, created_at)
            values ('{{id}}', '{{merchant}}', 'invoice.paid', '{}', 'application/json', '{{id}}', {{taskId}}, '{{at:O}}');
            with delivery as (
                insert into webhooks.deliveries (id, message_id, endpoint_id, created_at)
                select webhooks.uuid_v7('{{at:O}}'), '{{id}}', id, '{{at:O}}' from webhooks.endpoints
                where merchant_id = '{{merchant}}'
                returning id, endpoint_id),
            job as (
                insert into webhooks.jobs (kind, ref_id, lane, due_at)
                select 'delivery', id, endpoint_id::text, '{{at:O}}' from delivery
                returning id, ref_id)
            insert into webhooks.delivery_attempts (job_id, attempt, delivery_id, started_at, duration_ms, outcome)
            select id, 2, ref_id, '{{at:O}}', 5, 'delivered' from job;
            update webhooks.jobs set {{job}} where ref_id in (select id from webhooks.deliveries where message_id = '{{id}}')
            """);
        return id;
    }

    private Task AddEndpointAsync(string merchant) => Sql.ExecuteAsync(_database, $"""
        insert into webhooks.endpoints (id, merchant_id, url, created_at, updated_at)
        select gen_random_uuid(), '{merchant}', 'https://example.com/', now(), now()
        where not exists (select from webhooks.endpoints where merchant_id = '{merchant}')
        """);

    private async Task JobAsync(string kind, Guid reference, double days, string job)
    {
        await Sql.ExecuteAsync(_database, $"""
            insert into webhooks.jobs (kind, ref_id, lane, due_at)
            values ('{kind}', '{reference}', 'github', '{Now - TimeSpan.FromDays(days):O}');
            update webhooks.jobs set {job} where id = (select max(id) from webhooks.jobs)
            """);
    }

    private Task SetAsync(Guid reference, DateTimeOffset at, string job) => Sql.ExecuteAsync(_database, $"""
        update webhooks.jobs set due_at = '{at:O}' where ref_id = '{reference}';
        update webhooks.jobs set {job} where ref_id = '{reference}'
        """);

    private Task AuditAsync(double days) => Sql.ExecuteAsync(_database, $"""
        insert into webhooks.audit (id, at, actor, action, object_kind, object_id)
        values ('{Guid.CreateVersion7(Now - TimeSpan.FromDays(days))}', now(), 'somebody', 'replay', 'event', '')
        """);

    private async Task<Guid> ReplayAsync(double days)
    {
        var id = Guid.CreateVersion7(Now - TimeSpan.FromDays(days));
        await Sql.ExecuteAsync(_database, $$"""
            insert into webhooks.replays (id, reason, filter, requested_by, event_count, created_at)
            values ('{{id}}', 'why', '{}', 'somebody', 1, now())
            """);
        return id;
    }

    private async Task<List<string>> EventsAsync()
    {
        await using var db = Tables.Open(_database);
        return await db.InboundEvents.OrderBy(e => e.Id).Select(e => e.Headers + (e.Body == null ? " null" : " there"))
            .ToListAsync(Cancellation);
    }

    private async Task<long> RowsAsync()
    {
        var count = 0L;
        string[] tables =
        [
            "inbound_events", "jobs", "agent_tasks", "agent_steps", "approvals", "messages", "deliveries", "delivery_attempts",
        ];
        foreach (var table in tables)
        {
            count += await Sql.CountAsync(_database, $"webhooks.{table}");
        }

        return count;
    }

    // Events as the services leave them: each with a task of two steps, a message, a delivery and an attempt, all done.
    private Task TrafficAsync(int events) => Sql.ExecuteAsync(_database, $$"""
        with event as (
            insert into webhooks.inbound_events (id, source, delivery_id, event_type, received_at, headers, content_type, body)
            select webhooks.uuid_v7('{{Now:O}}'), 'github', gen_random_uuid()::text, 'push', '{{Now:O}}', '{"a":"GitHub"}',
                'application/json', convert_to(repeat(md5(random()::text), 32), 'utf8')
            from generate_series(1, {{events}}) returning id),
        task as (
            insert into webhooks.agent_tasks (id, event_id, playbook, created_at, finished_at, result)
            select webhooks.uuid_v7('{{Now:O}}'), id, 'github-summary', '{{Now:O}}', '{{Now:O}}', '{"summary":"Done."}'
            from event returning id),
        step as (
            insert into webhooks.agent_steps (task_id, position, kind, content, created_at)
            select id, position, 'model', repeat('x', 500), '{{Now:O}}' from task, generate_series(0, 1) position),
        message as (
            insert into webhooks.messages
                (id, merchant_id, event_type, payload, content_type, idempotency_key, task_id, created_at)
            select 'msg_' || replace(webhooks.uuid_v7('{{Now:O}}')::text, '-', ''), 'acme', 'task.completed',
                convert_to(repeat(md5(random()::text), 8), 'utf8'), 'application/json', id::text, id, '{{Now:O}}'
            from task returning id),
        delivery as (
            insert into webhooks.deliveries (id, message_id, endpoint_id, created_at)
            select webhooks.uuid_v7('{{Now:O}}'), message.id, endpoint.id, '{{Now:O}}'
            from message, webhooks.endpoints endpoint returning id, endpoint_id),
        job as (
            insert into webhooks.jobs (kind, ref_id, lane, due_at, state, finished_at, attempt)
            select 'event', id, 'github', '{{Now:O}}'::timestamptz, 'done', '{{Now:O}}'::timestamptz, 1 from event
            union all select 'task', id, 'github', '{{Now:O}}', 'done', '{{Now:O}}', 1 from task
            union all select 'delivery', id, endpoint_id::text, '{{Now:O}}', 'done', '{{Now:O}}', 1 from delivery
            returning id, ref_id, kind)
        insert into webhooks.delivery_attempts (job_id, attempt, delivery_id, started_at, duration_ms, outcome, status_code)
        select id, 1, ref_id, '{{Now:O}}', 5, 'delivered', 200 from job where kind = 'delivery'
        """);

    // A session's counts are visible to it when they have been flushed, which otherwise happens once a second.
    private static async Task<long> PagesReadAsync(NpgsqlDataSource source)
    {
        await using (var flush = source.CreateCommand("select pg_stat_force_next_flush()"))
        {
            await flush.ExecuteNonQueryAsync(Cancellation);
        }

        await using var command = source.CreateCommand(
            "select sum(idx_blks_hit + idx_blks_read)::bigint from pg_statio_user_tables where relname = 'inbound_events'");
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private async Task<Dictionary<string, long>> SizesAsync()
    {
        await using var connection = await _source.OpenConnectionAsync(Cancellation);
        await using var command = new NpgsqlCommand("""
            select relname, pg_relation_size(oid) from pg_class
            where relnamespace = 'webhooks'::regnamespace and relkind in ('r', 'i') and pg_relation_size(oid) > 0
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(Cancellation))
        {
            sizes[reader.GetString(0)] = reader.GetInt64(1);
        }

        return sizes;
    }
}
