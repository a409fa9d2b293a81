using System.Globalization;
using System.Text;
using Aspire.Webhooks.Worker.Retention;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Bench.Parts;

/// <summary>Whether tables and indexes keep their sizes while retention deletes, and whether intake stays as fast.</summary>
internal static class EndurePart
{
    private const int Hours = 24;

    // The last hours are compared with as many before them. By then rows are deleted as fast as they are inserted.
    private const int Compared = 8;

    private const double Rate = 100;

    // Events of 1 KiB. Every eighth has a task of two steps, whose message is delivered.
    private const string TrafficSql = """
        with event as (
            insert into webhooks.inbound_events (id, source, delivery_id, event_type, received_at, headers, content_type, body)
            select webhooks.uuid_v7(at), $1, gen_random_uuid()::text, 'invoice.paid', at, '{"user-agent":"bench"}',
                   'application/json', $2
            from generate_series($3::timestamptz, $4::timestamptz - $5::interval, $5::interval) at
            returning id, received_at),
        task as (
            insert into webhooks.agent_tasks (id, event_id, playbook, created_at, finished_at, result)
            select webhooks.uuid_v7(received_at), id, 'summary', received_at, received_at, '{"summary":"The invoice was paid."}'
            from event where right(id::text, 1) in ('0', '1')
            returning id, created_at),
        step as (
            insert into webhooks.agent_steps (task_id, position, kind, content, created_at)
            select id, position, 'model', repeat('The customer paid the invoice. ', 16), created_at
            from task, generate_series(0, 1) position),
        message as (
            insert into webhooks.messages
                (id, merchant_id, event_type, payload, content_type, idempotency_key, task_id, created_at)
            select 'msg_' || replace(webhooks.uuid_v7(created_at)::text, '-', ''), 'acme', 'task.completed', $2,
                   'application/json', id::text, id, created_at
            from task
            returning id, created_at),
        delivery as (
            insert into webhooks.deliveries (id, message_id, endpoint_id, created_at)
            select webhooks.uuid_v7(message.created_at), message.id, endpoint.id, message.created_at
            from message, webhooks.endpoints endpoint
            returning id, endpoint_id, created_at),
        job as (
            insert into webhooks.jobs (kind, ref_id, lane, due_at)
            select 'event', id, $1, received_at from event
            union all select 'task', id, $1, created_at from task
            union all select 'delivery', id, endpoint_id::text, created_at from delivery
            returning id, ref_id, kind, due_at)
        insert into webhooks.delivery_attempts (job_id, attempt, delivery_id, started_at, duration_ms, outcome, status_code)
        select id, 1, ref_id, due_at, 5, 'delivered', 200 from job where kind = 'delivery'
        """;

    // The claim before it would change no index.
    private const string SettleSql =
        "update webhooks.jobs set state = 'done', attempt = 1, finished_at = due_at where id > $1 and finished_at is null";

    private const string EndpointSql = """
        insert into webhooks.endpoints (id, merchant_id, url, created_at, updated_at)
        values (gen_random_uuid(), 'acme', 'https://example.com/', now(), now())
        """;

    // With all times so much shorter, each round has a backlog to delete.
    private static readonly TimeSpan Backlog = TimeSpan.FromMinutes(20);

    private static readonly RetentionOptions Off = new()
    {
        Jobs = TimeSpan.Zero, Bodies = TimeSpan.Zero, Steps = TimeSpan.Zero, Ledger = TimeSpan.Zero, Messages = TimeSpan.Zero,
    };

    public static Part Create() => new(
        "endure",
        "Sizes in a day of 100/s on a controlled clock, with events kept for 6 hours and content for 3; then intake at 100/s "
            + "with retention ÷ without.",
        RunAsync);

    private static async Task RunAsync(Measurement measurement)
    {
        var stores = measurement.Stores;
        await using var database = await (await stores.NewDatabaseAsync()).WithSchemaAsync();

        await database.ExecuteAsync(EndpointSql);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await SizesAsync(measurement, database, source);
        await LatenciesAsync(measurement, database, source);
    }

    private static async Task SizesAsync(Measurement measurement, Database database, NpgsqlDataSource source)
    {
        var clock = new Clock(TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(Hours));
        var run = new RetentionRun(source, Options.Create(TimesIn(round: 0)), clock);
        var runsPerHour = measurement.IsSmoke ? 1 : 6;
        var step = TimeSpan.FromHours(1.0 / runsPerHour);
        var events = measurement.Events((int)(Rate * TimeSpan.FromHours(Hours).TotalSeconds), inSmoke: 4800);
        var interval = TimeSpan.FromHours(Hours) / events;
        var body = Encoding.UTF8.GetBytes(SignedRequests.Body(Guid.CreateVersion7().ToString(), 1024));
        List<(double Seconds, DeletedRows Deleted)> runs = [];
        List<Sizes> sizes = [];
        for (var hour = 1; hour <= Hours; hour++)
        {
            for (var part = 0; part < runsPerHour; part++)
            {
                var before = await database.LastJobAsync();
                await database.ExecuteAsync(TrafficSql, SignedRequests.Source, body, clock.Now, clock.Now + step, interval);
                await database.ExecuteAsync(SettleSql, before);
                clock.Now += step;
                var start = TimeProvider.System.GetTimestamp();
                var deleted = await run.RunAsync(CancellationToken.None);
                runs.Add((TimeProvider.System.GetElapsedTime(start).TotalSeconds, deleted!));
            }

            // Autovacuum would come about twice in an hour of this traffic, but it follows the real clock.
            await database.ExecuteAsync("vacuum (analyze)");
            sizes.Add(await Sizes.ReadAsync(source));
            Measurement.Say($"hour {hour}: {sizes[^1].Tables:0} MB of tables, {sizes[^1].Indexes:0} MB of indexes; "
                + $"a run took {runs[^1].Seconds:0.0} s: {runs[^1].Deleted}");
        }

        var (earlier, later) = (sizes[^(2 * Compared)..^Compared], sizes[^Compared..]);
        var hours = $"hours {Hours - Compared + 1} to {Hours} ÷ hours {Hours - (2 * Compared) + 1} to {Hours - Compared}";
        Compare("tables", each => each.Tables);
        Compare("indexes", each => each.Indexes);
        var (name, growth) = later[^1].Relations.Keys.Select(each => (each, Growth(of => of.Of(each)))).MaxBy(each => each.Item2);
        measurement.Add(new($"the table or index that grew most, {hours}", growth, "×", name));
        measurement.Add(new(
            $"a run of retention, every {step.TotalMinutes:0} minutes",
            Rates.Median(runs[^(Compared * runsPerHour)..].Select(each => each.Seconds)), "s", $"{runs[^1].Deleted}",
            AtMost: step.TotalSeconds));

        double Growth(Func<Sizes, double> size) => later.Max(size) / earlier.Max(size);

        void Compare(string what, Func<Sizes, double> size) => measurement.Add(new(
            $"{what}, {hours}", Growth(size), "×", $"{later.Max(size):0} MB, {earlier.Max(size):0} MB", AtMost: 1.05));
    }

    // Each time with a Worker, so that retention is all that differs.
    private static async Task LatenciesAsync(Measurement measurement, Database database, NpgsqlDataSource source)
    {
        var (without, with, behind) = (new List<Latencies>(), new List<Latencies>(), new List<Latencies>());
        for (var round = 0; round < measurement.Rounds; round++)
        {
            // Rows that became old while the day was made, and in the round before.
            await new RetentionRun(source, Options.Create(TimesIn(round)), TimeProvider.System).RunAsync(CancellationToken.None);
            without.Add(await MeasureAsync(measurement, database, "without retention", Off));
            with.Add(await MeasureAsync(measurement, database, "with retention every 10 s", TimesIn(round)));
            behind.Add(await MeasureAsync(measurement, database, "while a backlog is deleted", TimesIn(round + 1)));
        }

        foreach (var (name, share) in ((string, double)[])[("p50", 0.5), ("p99", 0.99)])
        {
            Compare($"accept at {Rate:0}/s, {name}: with retention ÷ without", with, share, atMost: 1.1);
            Compare($"accept at {Rate:0}/s, {name}: while a backlog is deleted ÷ without", behind, share, atMost: null);
        }

        void Compare(string name, List<Latencies> all, double share, double? atMost)
        {
            var one = Rates.Median(all.Select(each => each.At(share)));
            var other = Rates.Median(without.Select(each => each.At(share)));
            measurement.Add(new(name, one / other, "×", $"{Finding.Number(one)} ms, {Finding.Number(other)} ms", AtMost: atMost));
        }
    }

    private static async Task<Latencies> MeasureAsync(
        Measurement measurement, Database database, string name, RetentionOptions times)
    {
        await database.CheckpointAsync();
        await using var receiver = await Services.ReceiverAsync(measurement.Stores, database);
        await using var worker = await Services.WorkerAsync(
            measurement.Stores, database, settings: [.. Settings(times), ("Webhooks__Idempotency__Ttl", "01:00:00")]);
        await OfferAsync(receiver, measurement.Duration(3));
        var latencies = (await OfferAsync(receiver, measurement.Duration(20))).Latencies;
        Measurement.Say($"{name}: {latencies}");
        return latencies;
    }

    private static Task<Answers> OfferAsync(ChildProcess receiver, TimeSpan duration) => LoadGenerator.RunAsync(new(
        [receiver.Address], SignedRequests.Create((int)Math.Ceiling(Rate * duration.TotalSeconds) + 1, 1024), 64, duration)
    {
        PerSecond = Rate,
    });

    private static RetentionOptions TimesIn(int round) => new()
    {
        Jobs = TimeSpan.FromHours(3) - (round * Backlog), Bodies = TimeSpan.FromHours(3) - (round * Backlog),
        Steps = TimeSpan.FromHours(3) - (round * Backlog), Ledger = TimeSpan.FromHours(6) - (round * Backlog),
        Messages = TimeSpan.FromHours(6) - (round * Backlog), Interval = TimeSpan.FromSeconds(10),
    };

    private static IEnumerable<(string, string)> Settings(RetentionOptions times)
    {
        (string Name, TimeSpan Time)[] all =
        [
            (nameof(times.Jobs), times.Jobs), (nameof(times.Bodies), times.Bodies), (nameof(times.Steps), times.Steps),
            (nameof(times.Ledger), times.Ledger), (nameof(times.Messages), times.Messages),
            (nameof(times.Interval), times.Interval),
        ];
        return all.Select(
            each => ($"Webhooks__Retention__{each.Name}", each.Time.ToString("c", CultureInfo.InvariantCulture)));
    }

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <summary>The sizes of the tables, with what is stored out of line, and of the indexes.</summary>
    private sealed record Sizes(IReadOnlyDictionary<string, (bool IsIndex, long Bytes)> Relations)
    {
        private const string ReadSql = """
            select relname::text, relkind = 'i', case relkind when 'i' then pg_relation_size(oid) else pg_table_size(oid) end
            from pg_class where relnamespace = 'webhooks'::regnamespace and relkind in ('r', 'i')
            """;

        // Of small ones a page more or less is no growth.
        private const double Least = 1;

        public double Tables => Sum(isIndex: false);

        public double Indexes => Sum(isIndex: true);

        public static async Task<Sizes> ReadAsync(NpgsqlDataSource source)
        {
            await using var command = source.CreateCommand(ReadSql);
            await using var reader = await command.ExecuteReaderAsync();
            var relations = new Dictionary<string, (bool, long)>(StringComparer.Ordinal);
            while (await reader.ReadAsync())
            {
                relations[reader.GetString(0)] = (reader.GetBoolean(1), reader.GetInt64(2));
            }

            return new(relations);
        }

        /// <summary>The size of one of them in MB, at least 1.</summary>
        public double Of(string name) => Math.Max(Relations[name].Bytes / 1e6, Least);

        private double Sum(bool isIndex) => Relations.Values.Where(each => each.IsIndex == isIndex).Sum(each => each.Bytes / 1e6);
    }
}
