using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Storage;

/// <summary>Parameters of statements that take many rows at once, as <c>unnest($1, $2, …)</c>.</summary>
public static class ColumnParameters
{
    /// <summary>Adds a column: the array of what each row has in it.</summary>
    /// <param name="type">The type of one value.</param>
    public static void AddColumn<TRow, T>(
        this NpgsqlParameterCollection parameters, IReadOnlyList<TRow> rows, Func<TRow, T> column, NpgsqlDbType type)
    {
        var values = new T[rows.Count];
        for (var at = 0; at < values.Length; at++)
        {
            values[at] = column(rows[at]);
        }

        parameters.Add(new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type });
    }
}
