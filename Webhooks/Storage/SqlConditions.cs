using Npgsql;

namespace Aspire.Webhooks.Storage;

/// <summary>The conditions of a query whose filters are optional, each with its parameter.</summary>
/// <param name="command">The command, to which the parameters are added.</param>
public sealed class SqlConditions(NpgsqlCommand command)
{
    private readonly List<string> _all = [];

    /// <summary>Adds a condition, in which <c>{0}</c> stands for the value. Nothing is added when the value is null.</summary>
    public void Add(object? value, string condition)
    {
        if (value is not null)
        {
            command.Parameters.Add(new() { Value = value });
            _all.Add(condition.Replace("{0}", $"${command.Parameters.Count}", StringComparison.Ordinal));
        }
    }

    /// <summary>Returns the conditions, joined by <c>and</c>; <c>true</c> when there are none.</summary>
    public override string ToString() => _all.Count == 0 ? "true" : string.Join(" and ", _all);
}

public static class IdQuery
{
    /// <summary>Returns the ids that a query finds, in its order.</summary>
    /// <param name="database">The database.</param>
    /// <param name="sql">Returns the query and adds its parameters to the command.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
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
