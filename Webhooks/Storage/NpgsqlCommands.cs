using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Storage;

public static class TransactionBatch
{
    /// <summary>
    /// Sends the commands to the database in one round trip. It prepares them once per pooled connection: planning takes longer
    /// than running a command that touches a few rows.
    /// </summary>
    /// <returns>The first value of the first command with a result; null when it returns no row.</returns>
    public static async Task<object?> ExecuteAsync(
        this NpgsqlTransaction transaction, IEnumerable<NpgsqlBatchCommand> commands, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        await batch.PrepareAsync(cancellationToken);
        return await batch.ExecuteScalarAsync(cancellationToken);
    }
}

/// <summary>Parameters of statements that take many rows at once with <c>unnest($1, $2, …)</c>.</summary>
public static class ColumnParameters
{
    /// <summary>Adds a parameter for one column: the array of its values in all rows.</summary>
    /// <param name="parameters">The parameters of the command.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="column">Returns the value of a row.</param>
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
