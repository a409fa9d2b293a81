using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Series;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Retention;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>Series count each row once: in the summary of its minute, or live.</summary>
public sealed class SeriesTests(TestStack stack) : IAsyncLifetime
{
    // Rows of five hours: 400 events with their jobs, tasks, deliveries to two endpoints, and refused requests. Some are at the
    // very start of a minute, some in the last minutes, whose summary is not made yet.
    private const string FillSql = """
        select setseed(0.5);
        create temporary table moment as
        select n, case n % 10 when 0 then date_bin('1 minute', at, timestamptz 'epoch') when 1 then now() else at end as at
        from generate_series(1, 400) n, lateral (select now() - (n % 401) * 0.9 * random() * interval '1 minute') as random (at);
        insert into webhooks.inbound_events (id, source, delivery_id, event_type, received_at, headers, content_type)
        select webhooks.uuid_v7(at), (array['github', 'stripe'])[1 + n % 2], 'd' || n, 'push', at, '{}', 'application/json'
        from moment;
        insert into webhooks.rejected_requests (id, source, reason, received_at, remote_address)
        select webhooks.uuid_v7(at), (array['github', 'unknown'])[1 + n % 2], 'invalid_signature', at, '192.0.2.1' from moment;
        insert into webhooks.jobs (kind, ref_id, lane, state, finished_at)
        select (array['event', 'event', 'task', 'external'])[1 + n % 4], webhooks.uuid_v7(at - n * interval '1 s'), 'github',
            (array['done', 'buried', 'done', 'ignored', 'done', 'done'])[1 + n % 6], at
        from moment;
        insert into webhooks.jobs (kind, ref_id) values ('event', gen_random_uuid());
        insert into webhooks.endpoints (id, merchant_id, url, created_at, updated_at)
        select ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'acme', 'https://example.com/', now(), now()
        from generate_series(1, 2) n;
        insert into webhooks.messages (id, merchant_id, event_type, content_type, idempotency_key, created_at)
        values ('m', 'acme', 'x', 'application/json', 'k', now());
        insert into webhooks.deliveries (id, message_id, endpoint_id, created_at)
        select id, 'm', id, now() from webhooks.endpoints;
        insert into webhooks.delivery_attempts (job_id, attempt, delivery_id, started_at, duration_ms, outcome, logged_at)
        select n, 1, ('00000000-0000-0000-0000-00000000000' || 1 + n % 2)::uuid, at, n * n,
            (array['delivered', 'delivered', 'http_status', 'interrupted', 'timeout'])[1 + n % 5], at
        from moment;
        update webhooks.series_marks set minutes = at, hours = at
        from date_bin('1 hour', now() - interval '8 hours', timestamptz 'epoch') at;
        analyze
        """;

    // A week before that.
    private const string FillMoreSql = """
        create temporary table old as select n, now() - n * interval '2 minutes' as at from generate_series(1, 5000) n;
        insert into webhooks.inbound_events (id, source, delivery_id, event_type, received_at, headers, content_type)
        select webhooks.uuid_v7(at), 'github', 'old' || n, 'push', at, '{}', 'application/json' from old;
        insert into webhooks.rejected_requests (id, source, reason, received_at, remote_address)
        select webhooks.uuid_v7(at), 'github', 'invalid_signature', at, '192.0.2.1' from old;
        insert into webhooks.jobs (kind, ref_id, lane, state, finished_at)
        select (array['event', 'task', 'delivery'])[1 + n % 3], webhooks.uuid_v7(at), 'github',
            (array['done', 'buried', 'ignored'])[1 + n / 3 % 3], at
        from old;
        insert into webhooks.delivery_attempts (job_id, attempt, delivery_id, started_at, duration_ms, outcome, logged_at)
        select 1000 + n, 1, '00000000-0000-0000-0000-000000000001', at, n, 'delivered', at from old order by n desc;
        analyze
        """;

    private string _database = "";
    private NpgsqlDataSource _source = null!;

    private static readonly (string Name, string Index)[] Plans =
    [
        ("received", "inbound_events_pkey"), ("rejected", "rejected_requests_pkey"), ("processed", "jobs_done"),
        ("ignored", "jobs_not_done"), ("buried", "jobs_not_done"), ("tasks_completed", "jobs_done"),
        ("tasks_buried", "jobs_not_done"), ("delivered", "delivery_attempts_logged"), ("failed", "delivery_attempts_logged"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await stack.NewDatabaseAsync();
        _source = NpgsqlDataSource.Create(_database);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task The_schema_marks_each_series_from_its_hour_on()
    {
        Assert.Equal(
            SeriesDefinition.All.Select(series => series.Name).Order(StringComparer.Ordinal),
            await Sql.ScalarAsync<string[]>(_database, "select array_agg(name order by name) from webhooks.series_marks"),
            StringComparer.Ordinal);
        Assert.Equal(9, await Sql.CountAsync(
            _database, "webhooks.series_marks where hours = minutes and hours between now() - interval '61 minutes' and now()"));
    }

    [Fact]
    public async Task What_is_summarised_and_what_is_live_are_together_what_a_full_count_is()
    {
        await Sql.ExecuteAsync(_database, FillSql);
        var now = TimeProvider.System.GetUtcNow();
        SeriesSpan[] spans =
        [
            new(SeriesStep.Minute, SeriesStep.Minute.Start(now.AddMinutes(-59)), SeriesStep.Minute.End(now)),
            new(SeriesStep.Minute, SeriesStep.Minute.Start(now.AddMinutes(-300)), SeriesStep.Minute.Start(now.AddMinutes(-1))),
            new(SeriesStep.Hour, SeriesStep.Hour.Start(now.AddHours(-7)), SeriesStep.Hour.End(now)),
            new(SeriesStep.Hour, SeriesStep.Hour.Start(now.AddHours(-7)), SeriesStep.Hour.Start(now.AddHours(-2))),
            new(SeriesStep.Day, SeriesStep.Day.Start(now.AddDays(-2)), SeriesStep.Day.End(now)),
        ];
        var live = await AllAsync(spans);
        foreach (var series in SeriesDefinition.All)
        {
            Assert.Equal(await FullCountAsync(series.Name, spans[4]), await TotalAsync(series, spans[4]));
        }

        // Two Workers at the same time, and one of them again.
        await Task.WhenAll(RollUpAsync(), RollUpAsync());
        await RollUpAsync();

        Assert.InRange(await Sql.CountAsync(_database, "webhooks.series where step = 'minute'"), 500, 10_000);
        Assert.InRange(await Sql.CountAsync(_database, "webhooks.series where step = 'hour'"), 50, 500);
        Assert.Equal(0, await Sql.CountAsync(
            _database, "webhooks.series_marks where minutes <> date_bin('1 minute', minutes, timestamptz 'epoch') "
                + "or minutes > now() - interval '2 minutes' or minutes < now() - interval '4 minutes'"));
        Assert.Equal(live, await AllAsync(spans));
    }

    [Fact]
    public async Task A_bucket_has_its_first_moment_and_not_its_last()
    {
        var hour = SeriesStep.Hour.Start(TimeProvider.System.GetUtcNow().AddHours(-3));
        TimeSpan[] after =
            [TimeSpan.FromTicks(-10), TimeSpan.Zero, TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(10), TimeSpan.FromMinutes(1),
                TimeSpan.FromHours(1) - TimeSpan.FromTicks(10), TimeSpan.FromHours(1)];
        foreach (var one in after)
        {
            await Tables.AddEventAsync(_database, "{}", receivedAt: hour + one);
        }

        await Sql.ExecuteAsync(
            _database, $"update webhooks.series_marks set hours = '{hour.AddHours(-1):O}', minutes = '{hour.AddHours(-1):O}'");
        await RollUpAsync();

        Assert.Equal([1, 4, 1], await CountsAsync(SeriesStep.Hour, hour.AddHours(-1), hour.AddHours(2)));
        Assert.Equal([1, 2, 1], await CountsAsync(SeriesStep.Minute, hour.AddMinutes(-1), hour.AddMinutes(2)));
        Assert.Equal([4], await CountsAsync(SeriesStep.Hour, hour, hour.AddHours(1)));

        async Task<IEnumerable<long>> CountsAsync(SeriesStep step, DateTimeOffset since, DateTimeOffset until) =>
            (await ReadAsync(SeriesDefinition.Received, new(step, since, until), "github")).Data.Select(point => point.Count);
    }

    [Fact]
    public async Task A_summary_that_is_interrupted_leaves_nothing_and_is_made_again()
    {
        await Sql.ExecuteAsync(_database, FillSql);
        await Sql.ExecuteAsync(_database, """
            create function refuse() returns trigger language plpgsql as $$ begin raise 'not now'; end $$;
            create trigger refuse before update on webhooks.series_marks for each row execute function refuse()
            """);
        await Assert.ThrowsAsync<AggregateException>(RollUpAsync);
        Assert.Equal(0, await Sql.CountAsync(_database, "webhooks.series"));

        await Sql.ExecuteAsync(_database, "drop trigger refuse on webhooks.series_marks");
        await RollUpAsync();

        var now = TimeProvider.System.GetUtcNow();
        var span = new SeriesSpan(SeriesStep.Day, SeriesStep.Day.Start(now.AddDays(-2)), SeriesStep.Day.End(now));
        Assert.Equal(400, await TotalAsync(SeriesDefinition.Received, span));
    }

    // Statistics of small tables favour a scan of all of them; without it, Postgres takes the index that is meant.
    [Fact]
    public async Task Counting_reads_no_table_as_a_whole()
    {
        await Sql.ExecuteAsync(_database, FillSql);
        await Sql.ExecuteAsync(_database, FillMoreSql);
        await using var connection = await _source.OpenConnectionAsync(Cancellation);
        await using var off = new NpgsqlCommand("set enable_seqscan = off", connection);
        await off.ExecuteNonQueryAsync(Cancellation);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (name, index) in Plans)
        {
            var series = SeriesDefinition.All.Single(one => one.Name == name);
            var live = await PlanAsync(connection, SeriesQueries.Live(series, SeriesStep.Minute, null, now.AddMinutes(-4), now));
            var one = await PlanAsync(connection, SeriesQueries.Live(series, SeriesStep.Hour, "github", now.AddMinutes(-4), now));
            var summary = await PlanAsync(connection, SeriesRollup.Minutes(series, now.AddMinutes(-10), now));

            Assert.Contains(index, live, StringComparison.Ordinal);
            Assert.Contains(index, summary, StringComparison.Ordinal);
            Assert.All([live, one, summary], plan => Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_services_answer_their_series_and_refuse_what_they_do_not_have()
    {
        await Sql.ExecuteAsync(_database, FillSql);
        var redis = await stack.RedisAsync();
        await using var receiver = await Services.ReceiverAsync(_database, redis);
        await using var sender = await Services.SenderAsync(_database, redis);
        using var operators = receiver.NewClient().With(OperatorToken.Read);
        using var admin = sender.NewClient().With(OperatorToken.Create(OperatorToken.Scope("admin")));
        using var acme = sender.NewClient().With(OperatorToken.Of("acme", "webhooks:read"));
        using var other = sender.NewClient().With(OperatorToken.Of("other", "webhooks:read"));
        const string Endpoint = "00000000-0000-0000-0000-000000000001";

        var received = await operators.OkAsync("/series?name=received&by=day");
        var github = await operators.OkAsync("/series?name=received&by=day&source=github");
        Assert.Equal((400, 200), (Total(received), Total(github)));
        Assert.Equal(30, received.GetProperty("data").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, received.GetProperty("total").GetProperty("p50_ms").ValueKind);
        var all = await admin.OkAsync("/api/v1/admin/series?name=delivered&by=day");
        var one = await admin.OkAsync($"/api/v1/admin/series?name=delivered&by=day&endpoint_id={Endpoint}");
        Assert.Equal((160, 80), (Total(all), Total(one)));
        Assert.InRange(all.GetProperty("total").GetProperty("p50_ms").GetDouble(), 30_000, 50_000);
        Assert.Equal(
            one.ToString(), (await acme.OkAsync($"/api/v1/webhooks/{Endpoint}/series?name=delivered&by=day")).ToString());

        (HttpClient Client, string Path, HttpStatusCode Status)[] refused =
        [
            (operators, "/series", HttpStatusCode.BadRequest),
            (operators, "/series?name=delivered", HttpStatusCode.BadRequest),
            (operators, "/series?name=received&by=second", HttpStatusCode.BadRequest),
            (operators, "/series?name=received&source=%00", HttpStatusCode.BadRequest),
            (operators, "/series?name=received&endpoint_id=x", HttpStatusCode.BadRequest),
            (admin, "/api/v1/admin/series?name=received", HttpStatusCode.BadRequest),
            (admin, "/api/v1/admin/series?name=failed&endpoint_id=x", HttpStatusCode.BadRequest),
            (acme, $"/api/v1/webhooks/{Endpoint}/series?name=x", HttpStatusCode.BadRequest),
            (acme, "/api/v1/admin/series?name=failed", HttpStatusCode.Forbidden),
            (other, $"/api/v1/webhooks/{Endpoint}/series?name=failed", HttpStatusCode.NotFound),
        ];
        foreach (var (client, path, status) in refused)
        {
            using var answer = await client.GetAsync(path, Cancellation);
            var text = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.True(answer.StatusCode == status, $"{path} is answered {answer.StatusCode}: {text}");
        }

        static long Total(JsonElement series) => series.GetProperty("total").GetProperty("count").GetInt64();
    }

    private static async Task<string> PlanAsync(NpgsqlConnection connection, NpgsqlBatchCommand command)
    {
        command.CommandText = $"explain {command.CommandText}";
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { command } };
        await using var reader = await batch.ExecuteReaderAsync(Cancellation);
        var plan = new List<string>();
        while (await reader.ReadAsync(Cancellation))
        {
            plan.Add(reader.GetString(0));
        }

        return string.Join('\n', plan);
    }

    private Task RollUpAsync() => new SeriesRollup(_source) { Chunk = TimeSpan.FromMinutes(50) }.RunAsync(Cancellation);

    private Task<SeriesView> ReadAsync(SeriesDefinition series, SeriesSpan span, string? label = null) =>
        new SeriesQueries(_source).ReadAsync(series, span, label, Cancellation);

    private async Task<long> TotalAsync(SeriesDefinition series, SeriesSpan span) => (await ReadAsync(series, span)).Total.Count;

    private async Task<string> AllAsync(IEnumerable<SeriesSpan> spans)
    {
        var all = new List<string>();
        foreach (var span in spans)
        {
            foreach (var series in SeriesDefinition.All)
            {
                foreach (var label in new[] { null, "github", "00000000-0000-0000-0000-000000000002" })
                {
                    all.Add($"{label}: {JsonSerializer.Serialize(await ReadAsync(series, span, label))}");
                }
            }
        }

        return string.Join('\n', all);
    }

    private Task<long> FullCountAsync(string name, SeriesSpan span)
    {
        var (table, time) = name switch
        {
            "received" => ("webhooks.inbound_events where true", "received_at"),
            "rejected" => ("webhooks.rejected_requests where true", "received_at"),
            "processed" => ("webhooks.jobs where kind = 'event' and state = 'done'", "finished_at"),
            "ignored" => ("webhooks.jobs where kind = 'event' and state = 'ignored'", "finished_at"),
            "buried" => ("webhooks.jobs where kind = 'event' and state = 'buried'", "finished_at"),
            "tasks_completed" => ("webhooks.jobs where kind in ('task', 'external') and state = 'done'", "finished_at"),
            "tasks_buried" => ("webhooks.jobs where kind in ('task', 'external') and state = 'buried'", "finished_at"),
            "delivered" => ("webhooks.delivery_attempts where outcome = 'delivered'", "logged_at"),
            _ => ("webhooks.delivery_attempts where outcome in ('http_status', 'timeout')", "logged_at"),
        };
        return Sql.CountAsync(_database, $"{table} and {time} >= '{span.Since:O}' and {time} < '{span.Until:O}'");
    }
}
