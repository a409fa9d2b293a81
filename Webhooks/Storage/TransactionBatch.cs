using Npgsql;

namespace Aspire.Webhooks.Storage;

public static class TransactionBatch
{
    /// <summary>
    /// Sends the commands to the database together. Prepares them, which it does once per pooled connection: planning takes longer
    /// than running what touches a few rows.
    /// </summary>
    /// <returns>The first value that the first with a result returns; null when it returns no row.</returns>
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
