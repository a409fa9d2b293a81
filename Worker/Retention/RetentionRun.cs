using System.Diagnostics.Metrics;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Series;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Worker.Retention;

/// <summary>The numbers of rows that a run deleted. Bodies counts events, steps counts tasks.</summary>
public sealed record DeletedRows(
    long Bodies, long Events, long Steps, long Jobs, long Messages, long Endpoints, long Replays, long Audit, long Series)
{
    public bool Any => this != new DeletedRows(0, 0, 0, 0, 0, 0, 0, 0, 0);
}

/// <summary>
/// Deletes data that is older than its retention, in small batches on one connection. An advisory lock lets one process do it at
/// a time.
/// </summary>
public sealed class RetentionRun(NpgsqlDataSource database, IOptions<RetentionOptions> options, TimeProvider time)
{
    private const string LockSql = "select pg_try_advisory_lock(hashtext('webhooks.retention'))";
    private const string UnlockSql = "select pg_advisory_unlock(hashtext('webhooks.retention'))";

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(5);

    private static readonly Counter<long> Deleted = WebhookTelemetry.Meter.CreateCounter<long>(
        "webhook.retention.deleted", "{row}",
        "Rows that retention deleted, by kind: bodies, events, steps, jobs, messages, endpoints, replays, audit or series.");

    private static readonly Histogram<double> Durations = WebhookTelemetry.Meter.CreateHistogram<double>(
        "webhook.retention.duration", "s", "Time that a run of retention took.");

    private readonly RetentionOptions _options = options.Value;

    // The last task that a pass of steps has read. Tasks of sources with other times stay, and are not read again in each run.
    private readonly Dictionary<string, Guid> _passed = new(StringComparer.Ordinal);

    /// <summary>Deletes all data whose retention has ended.</summary>
    /// <returns>The numbers of rows that were deleted; null when another process deletes at the moment.</returns>
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
        catch
        {
            // If the database crashed, its last deletions may be undone.
            _passed.Clear();
            throw;
        }
        finally
        {
            await ReleaseAsync(connection);
        }
    }

    // A connection in the pool keeps its advisory locks until it is used again. So the lock is released here in any case.
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

    // Bodies and steps are deleted early in the run: they have the shorter times and the most bytes.
    private async Task<DeletedRows> DeleteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var old = new OldRows(connection, _options.BatchSize, time.GetUtcNow(), cancellationToken);
        var sources = await SourcesAsync(connection, cancellationToken);
        var uncounted = await UncountedAsync(connection, cancellationToken);
        var jobs = await old.DeleteAsync("jobs", RetentionSql.Jobs, Counted(_options.Jobs), Time, Guid.Empty);
        var steps = await StepsAsync(old, connection, sources, cancellationToken);
        var (bodies, events) = (0L, 0L);
        foreach (var source in sources)
        {
            bodies += await old.DeleteAsync("bodies", RetentionSql.Bodies, _options.BodiesOf(source), Id, Guid.Empty, source);
            events += await old.DeleteAsync(
                "events", RetentionSql.Events, Counted(_options.LedgerOf(source)), Id, Guid.Empty, source);
        }

        var messages = await old.DeleteAsync("messages", RetentionSql.Messages, Counted(_options.Messages), Message, "");
        var replays = await old.DeleteAsync("replays", RetentionSql.Replays, _options.Ledger, Id, Guid.Empty);
        var audit = await old.DeleteAsync("audit", RetentionSql.Audit, _options.Audit, Id, Guid.Empty);
        var endpoints = await old.DeleteAsync("endpoints", RetentionSql.Endpoints, _options.Messages, Time, Guid.Empty);
        var minutes = await old.DeleteAsync(
            "series", RetentionSql.Series, SeriesSpan.MinutesKept + Hour, Time, Guid.Empty, "minute");
        var hours = await old.DeleteAsync("series", RetentionSql.Series, _options.Series, Time, Guid.Empty, "hour");
        return new(bodies, events, steps, jobs, messages, endpoints, replays, audit, minutes + hours);

        // What a series counts is kept until it is counted, also when no Worker counted for longer than the retention.
        TimeSpan Counted(TimeSpan retention) => retention > TimeSpan.Zero && retention < uncounted ? uncounted : retention;
    }

    // Sources with a time of their own one by one, and all others together.
    private async Task<long> StepsAsync(
        OldRows old, NpgsqlConnection connection, IReadOnlyList<string> sources, CancellationToken cancellationToken)
    {
        string[] own = [.. sources.Where(source => _options.StepsOf(source) != _options.Steps)];
        var open = await OldestOpenTaskAsync(connection, cancellationToken);
        var count = await PassAsync(_options.Steps, own, isOwn: false);
        foreach (var source in own)
        {
            count += await PassAsync(_options.StepsOf(source), [source], isOwn: true);
        }

        return count;

        // A task that is open now may get steps, and its steps are deleted by a later run. So that run begins before it.
        async Task<long> PassAsync(TimeSpan retention, string[] of, bool isOwn)
        {
            var pass = $"{isOwn} {string.Join(' ', of)}";
            var (deleted, last) = await old.PassAsync(
                "steps", RetentionSql.Steps, retention, Id, _passed.GetValueOrDefault(pass), of, isOwn);
            _passed[pass] = open is { } first && first < (Guid)last ? first : (Guid)last;
            return deleted;
        }
    }

    private static object Time(DateTimeOffset time) => time;

    private static object Id(DateTimeOffset time) => TimeOrderedId.From(time);

    private static object Message(DateTimeOffset time) => MessageId.Of(TimeOrderedId.From(time));

    // Both times are the server's, whatever the clock here says.
    private static async Task<TimeSpan> UncountedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(RetentionSql.Uncounted, connection);
        return await command.ExecuteScalarAsync(cancellationToken) as TimeSpan? ?? TimeSpan.Zero;
    }

    private static async Task<Guid?> OldestOpenTaskAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(RetentionSql.OldestOpenTask, connection);
        return await command.ExecuteScalarAsync(cancellationToken) as Guid?;
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

    /// <summary>Deletes the rows that are old at a time, batch by batch.</summary>
    private sealed class OldRows(
        NpgsqlConnection connection, int batchSize, DateTimeOffset now, CancellationToken cancellationToken)
    {
        /// <returns>How many rows were deleted.</returns>
        public async Task<long> DeleteAsync(
            string kind, string sql, TimeSpan retention, Func<DateTimeOffset, object> limit, object after, params object[] more)
        {
            var (deleted, _) = await PassAsync(kind, sql, retention, limit, after, more);
            return deleted;
        }

        /// <param name="kind">The kind in the metric.</param>
        /// <param name="sql">One of <see cref="RetentionSql"/>.</param>
        /// <param name="retention">How long the rows are kept; zero keeps them for ever.</param>
        /// <param name="limit">Converts the time before which rows are old to the statement's first parameter.</param>
        /// <param name="after">The id after which the first batch begins.</param>
        /// <param name="more">The statement's parameters after the size of the batch.</param>
        /// <returns>How many rows were deleted, and the id of the last row that was read.</returns>
        public async Task<(long Deleted, object Last)> PassAsync(
            string kind, string sql, TimeSpan retention, Func<DateTimeOffset, object> limit, object after, params object[] more)
        {
            var total = 0L;
            var isMore = retention > TimeSpan.Zero;
            while (isMore)
            {
                var begun = TimeProvider.System.GetTimestamp();
                var (deleted, read, last) = await BatchAsync(sql, [limit(now - retention), after, batchSize, .. more]);
                after = last is DBNull ? after : last;
                Deleted.Add(deleted, new KeyValuePair<string, object?>("kind", kind));
                total += deleted;
                isMore = read >= batchSize;
                if (isMore || deleted > 0)
                {
                    // The pause is for the server, whose time is real.
                    var took = TimeProvider.System.GetElapsedTime(begun);
                    await Task.Delay(took > ShortestPause ? took : ShortestPause, TimeProvider.System, cancellationToken);
                }
            }

            return (total, after);
        }

        private async Task<(long Deleted, long Read, object Last)> BatchAsync(string sql, object[] values)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var value in values)
            {
                command.Parameters.Add(new() { Value = value });
            }

            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(RetentionSql.Settings), command } };
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return (reader.GetInt64(0), reader.GetInt64(1), reader.GetValue(2));
        }
    }
}
