using System.Diagnostics.Metrics;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Worker.Retention;

/// <summary>What a run deleted.</summary>
public sealed record DeletedRows(
    long Bodies, long Events, long Steps, long Jobs, long Messages, long Replays, long Audit)
{
    public bool Any => this != new DeletedRows(0, 0, 0, 0, 0, 0, 0);
}

/// <summary>
/// Deletes what is older than its retention, in small batches of one connection. An advisory lock lets one process do it at a
/// time.
/// </summary>
public sealed class RetentionRun(NpgsqlDataSource database, IOptions<RetentionOptions> options, TimeProvider time)
{
    private const string LockSql = "select pg_try_advisory_lock(hashtext('webhooks.retention'))";
    private const string UnlockSql = "select pg_advisory_unlock(hashtext('webhooks.retention'))";

    // A deletion that a crash of the database forgets is repeated by the next run. Of each table a batch meets few rows, by their
    // keys, whatever Postgres thinks of tables that it has not analyzed.
    private const string SettingsSql = """
        select set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true),
               set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
        """;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(5);

    private static readonly Counter<long> Deleted = WebhookTelemetry.Meter.CreateCounter<long>(
        "webhook.retention.deleted", "{row}",
        "What retention deleted, by kind: bodies, events, steps, jobs, messages, replays or audit.");

    private static readonly Histogram<double> Durations = WebhookTelemetry.Meter.CreateHistogram<double>(
        "webhook.retention.duration", "s", "Time that a run of retention took.");

    private readonly RetentionOptions _options = options.Value;

    /// <summary>Deletes all that is old now.</summary>
    /// <returns>What was deleted; null when another process is doing it.</returns>
    public async Task<DeletedRows?> RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var hold = new NpgsqlCommand(LockSql, connection);
        if (await hold.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return null;
        }

        try
        {
            var begun = time.GetTimestamp();
            var deleted = await DeleteAsync(connection, cancellationToken);
            Durations.Record(time.GetElapsedTime(begun).TotalSeconds);
            return deleted;
        }
        finally
        {
            await ReleaseAsync(connection);
        }
    }

    // A connection that goes to the pool keeps its locks until it is used again, also after a failure or at a stop.
    private static async Task ReleaseAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var release = new NpgsqlCommand(UnlockSql, connection) { CommandTimeout = 1 };
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            // The connection has failed, and the lock ends with it.
        }
    }

    // What is deleted first makes room for what follows: bodies and steps have the shorter times and the most bytes.
    private async Task<DeletedRows> DeleteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var jobs = _options.Jobs > TimeSpan.Zero
            ? await AllAsync("jobs", RetentionSql.Jobs, now - _options.Jobs, Guid.Empty)
            : 0;
        var steps = await StepsAsync();
        var (bodies, events) = (0L, 0L);
        foreach (var source in await SourcesAsync(connection, cancellationToken))
        {
            bodies += await OldAsync("bodies", RetentionSql.Bodies, _options.BodiesOf(source), source);
            events += await OldAsync("events", RetentionSql.Events, _options.LedgerOf(source), source);
        }

        var messages = _options.Messages > TimeSpan.Zero
            ? await AllAsync(
                "messages", RetentionSql.Messages, MessageId.Of(TimeOrderedId.From(now - _options.Messages)), "")
            : 0;
        var replays = await OldAsync("replays", RetentionSql.Replays, _options.Ledger);
        var audit = await OldAsync("audit", RetentionSql.Audit, _options.Audit);
        return new(bodies, events, steps, jobs, messages, replays, audit);

        async Task<long> OldAsync(string kind, string sql, TimeSpan retention, params object[] more) =>
            retention > TimeSpan.Zero
                ? await AllAsync(kind, sql, TimeOrderedId.From(now - retention), Guid.Empty, more)
                : 0;

        // Sources with a time of their own one by one, then all others together.
        async Task<long> StepsAsync()
        {
            string[] own = [.. _options.Sources.Where(source => source.Value.Steps is not null).Select(source => source.Key)];
            var count = await OldAsync("steps", RetentionSql.Steps, _options.Steps, own, false);
            foreach (var source in own)
            {
                count += await OldAsync("steps", RetentionSql.Steps, _options.StepsOf(source), new[] { source }, true);
            }

            return count;
        }

        async Task<long> AllAsync(string kind, string sql, object limit, object after, params object[] more)
        {
            var (total, seen) = (0L, long.MaxValue);
            for (var next = after; seen >= _options.BatchSize;)
            {
                var begun = TimeProvider.System.GetTimestamp();
                (var count, seen, next) = await BatchAsync(
                    connection, sql, [limit, next, _options.BatchSize, .. more], cancellationToken);
                Deleted.Add(count, new KeyValuePair<string, object?>("webhook.retention.kind", kind));
                total += count;
                if (count > 0)
                {
                    // The pause is for the server, whose time is real.
                    var took = TimeProvider.System.GetElapsedTime(begun);
                    await Task.Delay(took > ShortestPause ? took : ShortestPause, TimeProvider.System, cancellationToken);
                }
            }

            return total;
        }
    }

    private static async Task<(long Deleted, long Seen, object Last)> BatchAsync(
        NpgsqlConnection connection, string sql, object[] values, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(SettingsSql), command } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetValue(2));
    }

    private static async Task<IReadOnlyList<string>> SourcesAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(RetentionSql.Sources, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sources = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            sources.Add(reader.GetString(0));
        }

        return sources;
    }
}
