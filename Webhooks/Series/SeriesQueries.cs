using Aspire.Webhooks.Api;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Series;

/// <summary>
/// Reads series: what is summarised from its table, and the minutes after that from the rows themselves. The mark is read first,
/// so that a row is counted once whenever the Worker summarises more.
/// </summary>
public sealed class SeriesQueries(NpgsqlDataSource database)
{
    private const string MarkSql = "select minutes, hours from webhooks.series_marks where name = $1";

    private const string SummarySql = """
        select at, count, bins, counts from webhooks.series
        where name = $1 and step = $2 and label = $3 and at >= $4 and at < $5
        """;

    /// <summary>Reads a series.</summary>
    /// <param name="series">The series.</param>
    /// <param name="span">The buckets.</param>
    /// <param name="label">The source or the endpoint; null counts all of them.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async Task<SeriesView> ReadAsync(
        SeriesDefinition series, SeriesSpan span, string? label, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var (minutes, hours) = await MarksAsync(connection, series.Name, cancellationToken);
        var counts = new SeriesCounts(span);
        await using var batch = new NpgsqlBatch(connection);
        var summarised = span.Step == SeriesStep.Minute ? span.Since : Latest(span.Since, Earliest(span.Until, hours));
        Summaries("hour", span.Since, summarised);
        Summaries("minute", summarised, Earliest(span.Until, minutes));
        if (Latest(span.Since, minutes) is var live && live < span.Until)
        {
            batch.BatchCommands.Add(Live(series, span.Step, label, live, span.Until));
        }

        if (batch.BatchCommands.Count > 0)
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            do
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    counts.Add(
                        reader.GetFieldValue<DateTimeOffset>(0), reader.GetInt64(1),
                        reader.IsDBNull(2) ? [] : reader.GetFieldValue<short[]>(2),
                        reader.IsDBNull(3) ? [] : reader.GetFieldValue<long[]>(3));
                }
            }
            while (await reader.NextResultAsync(cancellationToken));
        }

        return counts.ToView(series.Name);

        void Summaries(string step, DateTimeOffset since, DateTimeOffset until)
        {
            if (since < until)
            {
                batch.BatchCommands.Add(new(SummarySql)
                {
                    Parameters =
                    {
                        new() { Value = series.Name }, new() { Value = step }, new() { Value = label ?? "" },
                        new() { Value = since }, new() { Value = until },
                    },
                });
            }
        }
    }

    /// <summary>Makes the command that counts the rows of a time span.</summary>
    internal static NpgsqlBatchCommand Live(
        SeriesDefinition series, SeriesStep step, string? label, DateTimeOffset since, DateTimeOffset until)
    {
        var command = new NpgsqlBatchCommand($"""
            select at, sum(n)::bigint, array_agg(bin order by bin) filter (where bin is not null),
                array_agg(n order by bin) filter (where bin is not null)
            from (
                select date_bin($5, at, timestamptz 'epoch') as at, {DurationBins.Sql} as bin, count(*) as n
                from ({series.Rows}) as row {(label is null ? "" : "where label = $6")} group by 1, 2) as part
            group by at
            """);
        AddSpan(command.Parameters, since, until);
        command.Parameters.Add(new() { Value = step.Length });
        if (label is not null)
        {
            command.Parameters.Add(new() { Value = label });
        }

        return command;
    }

    /// <summary>Adds the parameters of <see cref="SeriesDefinition.Rows"/>.</summary>
    public static void AddSpan(NpgsqlParameterCollection parameters, DateTimeOffset since, DateTimeOffset until)
    {
        parameters.Add(new() { Value = since });
        parameters.Add(new() { Value = until });
        parameters.Add(new() { Value = TimeOrderedId.Least(since)!.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        parameters.Add(new() { Value = TimeOrderedId.Greatest(until)!.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
    }

    private static async Task<(DateTimeOffset Minutes, DateTimeOffset Hours)> MarksAsync(
        NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(MarkSql, connection) { Parameters = { new() { Value = name } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetFieldValue<DateTimeOffset>(0), reader.GetFieldValue<DateTimeOffset>(1));
    }

    private static DateTimeOffset Latest(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earliest(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}

/// <summary>The counts of the buckets of a span.</summary>
internal sealed class SeriesCounts(SeriesSpan span)
{
    private readonly (long Count, DurationBins Durations)[] _buckets =
        [.. Enumerable.Range(0, span.Count).Select(_ => (0L, new DurationBins()))];

    /// <summary>Adds what was counted at a time, to the bucket of that time.</summary>
    public void Add(DateTimeOffset at, long count, ReadOnlySpan<short> bins, ReadOnlySpan<long> counts)
    {
        ref var bucket = ref _buckets[(int)((at - span.Since) / span.Step.Length)];
        bucket.Count += count;
        for (var index = 0; index < bins.Length; index++)
        {
            bucket.Durations.Add(bins[index], counts[index]);
        }
    }

    public SeriesView ToView(string name)
    {
        var all = new DurationBins();
        foreach (var (_, durations) in _buckets)
        {
            all.Add(durations);
        }

        return new(
            name, span.Step.Name, span.Since, span.Until, Point(span.Since, _buckets.Sum(bucket => bucket.Count), all),
            [
                .. _buckets.Select((bucket, index) =>
                    Point(span.Since + (span.Step.Length * index), bucket.Count, bucket.Durations)),
            ]);
    }

    private static SeriesPoint Point(DateTimeOffset at, long count, DurationBins durations) =>
        new(at, count, durations.Percentile(0.5), durations.Percentile(0.99));
}
