using System.Globalization;
using System.Text;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Retention;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Aspire.Webhooks.Bench;

/// <summary>A database of a measurement's own.</summary>
internal sealed class Database(string connectionString) : IAsyncDisposable
{
    /// <summary>
    /// An id as the Receiver makes it, version 7 of a UUID. Random ones would spread over the whole of an index.
    /// </summary>
    /// <remarks>To be used where `number` counts the rows, 30 in a millisecond.</remarks>
    public const string NewId = """
        overlay(overlay(gen_random_uuid()::text placing
            lpad(to_hex(((extract(epoch from now()) * 1000)::bigint + number / 30) >> 16), 8, '0') from 1) placing
            lpad(to_hex(((extract(epoch from now()) * 1000)::bigint + number / 30) & 65535), 4, '0') || '-7' from 10)::uuid
        """;

    // As the Receiver would have stored them.
    private const string FillEventsSql = $$"""
        with event as (
            insert into webhooks.inbound_events (id, source, delivery_id, event_type, received_at, headers, content_type, body)
            select {{NewId}}, $1, $2 || lpad(number::text, 10, '0'), 'invoice.paid', now(), '{}', 'application/json', $3
            from generate_series(0, $4 - 1) number
            returning id)
        insert into webhooks.jobs (kind, ref_id, lane) select 'event', id, $1 from event
        """;

    private readonly NpgsqlDataSource _source = new NpgsqlDataSourceBuilder(connectionString)
    {
        ConnectionStringBuilder = { CommandTimeout = 600, MaxPoolSize = 20 },
    }.Build();

    public string ConnectionString => connectionString;

    /// <summary>Creates the schema, as a service does when it starts.</summary>
    public async Task<Database> WithSchemaAsync()
    {
        var options = new DbContextOptionsBuilder<WebhooksDb>();
        options.UseNpgsql(connectionString).UseWebhooksNames();
        await using var db = new WebhooksDb(options.Options);
        await db.Database.MigrateAsync();
        return this;
    }

    public async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Runs all of them in one transaction.</summary>
    public async Task TransactAsync(params IReadOnlyList<(string Sql, object[] Parameters)> statements)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var (sql, parameters) in statements)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            Add(command, parameters);
            await command.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        return (T)Convert.ChangeType((await command.ExecuteScalarAsync())!, typeof(T), CultureInfo.InvariantCulture);
    }

    /// <summary>Queues as many events of 1 KiB, all at once, with statistics as they are after a while.</summary>
    /// <returns>The id of the last job before them.</returns>
    public async Task<long> FillEventsAsync(int count, string source = SignedRequests.Source)
    {
        var before = await LastJobAsync();
        var body = Encoding.UTF8.GetBytes(SignedRequests.Body(Guid.CreateVersion7().ToString(), 1024));
        await TransactAsync(
            (FillEventsSql, [source, $"filled-{before}-", body, count]), ("analyze webhooks.inbound_events, webhooks.jobs", []));
        return before;
    }

    /// <summary>Counts what happened, as the Worker does, at once.</summary>
    public Task SummariseSeriesAsync() =>
        new SeriesRollup(_source) { Chunk = TimeSpan.FromDays(40) }.RunAsync(CancellationToken.None);

    public Task<long> LastJobAsync() => ScalarAsync<long>("select coalesce(max(id), 0) from webhooks.jobs");

    /// <summary>How many jobs after that one are not finished.</summary>
    public Task<long> OpenJobsAsync(long after = 0) =>
        ScalarAsync<long>("select count(*) from webhooks.jobs where id > $1 and finished_at is null", after);

    /// <summary>The same by kind, as words.</summary>
    public Task<string> OpenByKindAsync(long after) => ScalarAsync<string>(
        """
        select coalesce(string_agg(format('%s %s', count, kind), ', ' order by kind), 'none')
        from (select kind, count(*) from webhooks.jobs where id > $1 and finished_at is null group by kind) open
        """,
        after);

    /// <summary>Waits until all jobs after that one are finished.</summary>
    public async Task DrainedAsync(long after)
    {
        // The last of them first: while these are open, the rest need not be looked at.
        const int Tail = 500;
        var last = await LastJobAsync();
        while (await OpenJobsAsync(Math.Max(after, last - Tail)) > 0 || await OpenJobsAsync(after) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    /// <summary>
    /// Jobs per second of those after that one, from the first settlement to the last; what the first settled is not counted.
    /// </summary>
    public Task<double> SettledPerSecondAsync(long after, string kind = "event") => ScalarAsync<double>(
        """
        with settled as (select finished_at from webhooks.jobs where id > $1 and kind = $2),
        ends as (select min(finished_at) as first, max(finished_at) as last from settled)
        select count(*) filter (where finished_at > first) / greatest(extract(epoch from max(last) - min(first)), 0.001)
        from settled, ends
        """,
        after, kind);

    /// <summary>Starts the next measurement with as much left until Postgres's next checkpoint as the last one.</summary>
    public Task CheckpointAsync() => ExecuteAsync("checkpoint");

    /// <summary>Forgets all events and jobs.</summary>
    public Task ClearAsync() => ExecuteAsync("truncate webhooks.inbound_events, webhooks.jobs cascade");

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private NpgsqlCommand Command(string sql, object[] parameters)
    {
        var command = _source.CreateCommand(sql);
        Add(command, parameters);
        return command;
    }

    private static void Add(NpgsqlCommand command, object[] parameters)
    {
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { Value = parameter });
        }
    }
}
