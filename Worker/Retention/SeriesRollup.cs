using Aspire.Webhooks.Series;
using Npgsql;

namespace Aspire.Webhooks.Worker.Retention;

/// <summary>
/// Counts the rows of each series once and for all, minute by minute, and makes hours of the minutes. The counts and the mark
/// that says how far they reach are written in one transaction, which locks the mark: neither a crash nor a second Worker counts
/// a row twice.
/// </summary>
public sealed class SeriesRollup(NpgsqlDataSource database)
{
    // The lock of a series is not waited for: another process is at it.
    private const string MarkSql = """
        select minutes, hours, date_bin('1 minute', now() - $2, timestamptz 'epoch') from webhooks.series_marks
        where name = $1 for update skip locked
        """;

    private const string HoursSql = """
        insert into webhooks.series (name, step, at, label, count, bins, counts)
        select $1, 'hour', at, label, sum(n)::bigint, array_agg(bin order by bin) filter (where bin is not null),
            array_agg(n order by bin) filter (where bin is not null)
        from (
            select date_bin('1 hour', at, timestamptz 'epoch') as at, label, bin, sum(coalesce(n, count))::bigint as n
            from webhooks.series left join lateral unnest(bins, counts) as class (bin, n) on true
            where name = $1 and step = 'minute' and at >= $2 and at < $3
            group by 1, label, bin) as part
        group by at, label
        """;

    private const string MoveSql = "update webhooks.series_marks set minutes = $2, hours = $3 where name = $1";

    /// <summary>
    /// A minute is counted when it has been over for this time. What commits later, with a time before, is not counted: an event
    /// whose Receiver's clock is so late, or a job whose settlement took so long.
    /// </summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(5);

    /// <summary>The most that one transaction counts: whole minutes.</summary>
    public TimeSpan Chunk { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Counts what has not been counted yet, oldest first.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // A series that cannot be counted does not keep the others from it.
        var failures = new List<Exception>();
        foreach (var series in SeriesDefinition.All)
        {
            try
            {
                await CountAllAsync(series, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add(exception);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    private async Task CountAllAsync(SeriesDefinition series, CancellationToken cancellationToken)
    {
        for (var isMore = true; isMore;)
        {
            var begun = TimeProvider.System.GetTimestamp();
            isMore = await CountAsync(series, cancellationToken);
            if (isMore)
            {
                // The pause is for the server, whose time is real.
                var took = TimeProvider.System.GetElapsedTime(begun);
                await Task.Delay(took > ShortestPause ? took : ShortestPause, TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <returns>Whether there is more to count.</returns>
    private async Task<bool> CountAsync(SeriesDefinition series, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await MarkAsync(series, transaction, cancellationToken) is not { } mark || mark.Minutes >= mark.Over)
        {
            return false;
        }

        var minutes = mark.Minutes + Chunk < mark.Over ? mark.Minutes + Chunk : mark.Over;
        var hours = SeriesStep.Hour.Start(minutes);
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            // After an outage the rows of a chunk come from the disk.
            Timeout = 300,
            BatchCommands = { new(RetentionSql.Settings), Minutes(series, mark.Minutes, minutes) },
        };
        if (mark.Hours < hours)
        {
            batch.BatchCommands.Add(Command(HoursSql, series.Name, mark.Hours, hours));
        }

        batch.BatchCommands.Add(Command(MoveSql, series.Name, minutes, hours));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return minutes < mark.Over;
    }

    private static async Task<Mark?> MarkAsync(
        SeriesDefinition series, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(MarkSql, transaction.Connection, transaction)
        {
            Parameters = { new() { Value = series.Name }, new() { Value = Margin } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(
                reader.GetFieldValue<DateTimeOffset>(0), reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetFieldValue<DateTimeOffset>(2))
            : null;
    }

    /// <summary>Makes the command that counts a time span by minutes: for each label, and for all together.</summary>
    internal static NpgsqlBatchCommand Minutes(SeriesDefinition series, DateTimeOffset since, DateTimeOffset until)
    {
        var command = new NpgsqlBatchCommand($"""
            insert into webhooks.series (name, step, at, label, count, bins, counts)
            select $5, 'minute', at, label, sum(n)::bigint, array_agg(bin order by bin) filter (where bin is not null),
                array_agg(n order by bin) filter (where bin is not null)
            from (
                select at, case when grouping(label) = 1 then '' else label end as label, bin, count(*) as n
                from (
                    select date_bin('1 minute', at, timestamptz 'epoch') as at, label, {DurationBins.Sql} as bin
                    from ({series.Rows}) as row) as row
                group by grouping sets ((at, bin, label), (at, bin))
                having grouping(label) = 1 or label <> '') as part
            group by at, label
            """);
        SeriesQueries.AddSpan(command.Parameters, since, until);
        command.Parameters.Add(new() { Value = series.Name });
        return command;
    }

    private static NpgsqlBatchCommand Command(string sql, string name, DateTimeOffset first, DateTimeOffset second) => new(sql)
    {
        Parameters = { new() { Value = name }, new() { Value = first }, new() { Value = second } },
    };

    /// <summary>How far a series is counted, and the end of the last minute that can be counted now.</summary>
    private sealed record Mark(DateTimeOffset Minutes, DateTimeOffset Hours, DateTimeOffset Over);
}
