using Npgsql;

namespace Aspire.Webhooks.Storage;

public static class IdQuery
{
    /// <summary>The ids that a query finds, in its order.</summary>
    /// <param name="sql">Writes the query and adds its parameters.</param>
    public static async Task<IReadOnlyList<Guid>> IdsAsync(
        this NpgsqlDataSource database, Func<NpgsqlCommand, string> sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        command.CommandText = sql(command);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetGuid(0));
        }

        return ids;
    }
}
