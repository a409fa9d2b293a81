using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Receiver.Api;

/// <summary>Reads phone messages. Each answer is one statement, so that its parts are consistent.</summary>
public sealed class PhoneMessageQueries(NpgsqlDataSource database)
{
    // The total is returned with an empty page as well. Case-insensitive comparison follows Unicode (ICU), whatever the locale
    // of the database. The event's id orders equal message ids of two sources.
    private const string FindSql = $"""
        select total.matching, page.message_id, page.from_msisdn, page.to_msisdn, page.ts, page.text, page.created_at
        from (select count(*) as matching from webhooks.messages_inbox where {Matching}) total
        left join lateral (
            select * from webhooks.messages_inbox where {Matching}
            order by ts, message_id, event_id limit $4 offset $5) page on true
        order by page.ts, page.message_id, page.event_id
        """;

    private const string Matching = """
        ($1 is null or from_msisdn = $1) and ($2 is null or ts >= $2) and ($3 is null or text collate "und-x-icu" ilike $3)
        """;

    private const string StatsSql = """
        with senders as materialized (
            select from_msisdn, count(*) as messages, min(ts) as first_ts, max(ts) as last_ts
            from webhooks.messages_inbox group by from_msisdn)
        select coalesce(sum(messages), 0)::bigint, count(*), min(first_ts), max(last_ts),
            array(select from_msisdn from senders order by messages desc, from_msisdn limit 10),
            array(select messages from senders order by messages desc, from_msisdn limit 10)
        from senders
        """;

    public async Task<PhoneMessagePage> FindAsync(PhoneMessageFilter query, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(FindSql);
        command.Parameters.Add(Nullable(query.From, NpgsqlDbType.Text));
        command.Parameters.Add(Nullable(query.Since, NpgsqlDbType.TimestampTz));
        command.Parameters.Add(Nullable(query.Text is { } text ? Pattern(text) : null, NpgsqlDbType.Text));
        command.Parameters.Add(new() { Value = query.Limit });
        command.Parameters.Add(new() { Value = query.Offset });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var data = new List<PhoneMessageView>();
        var total = 0L;
        while (await reader.ReadAsync(cancellationToken))
        {
            total = reader.GetInt64(0);
            if (!await reader.IsDBNullAsync(1, cancellationToken))
            {
                data.Add(new(
                    reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetDateTime(4),
                    await reader.IsDBNullAsync(5, cancellationToken) ? null : reader.GetString(5), reader.GetDateTime(6)));
            }
        }

        return new(data, total);
    }

    public async Task<PhoneMessageStats> StatsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(StatsSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(
            reader.GetInt64(0),
            reader.GetInt64(1),
            [.. reader.GetFieldValue<string[]>(4)
                .Zip(reader.GetFieldValue<long[]>(5), (sender, count) => new SenderCount(sender, count))],
            await reader.IsDBNullAsync(2, cancellationToken) ? null : reader.GetDateTime(2),
            await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetDateTime(3));
    }

    // Escapes the wildcards of LIKE with its default escape character, the backslash.
    private static string Pattern(string text) =>
        "%" + text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal) + "%";

    private static NpgsqlParameter Nullable(object? value, NpgsqlDbType type) =>
        new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
