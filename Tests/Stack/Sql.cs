using Npgsql;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>Looks into a database beside the code under test.</summary>
public static class Sql
{
    public static async Task<T?> ScalarAsync<T>(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public static Task<long> CountAsync(string database, string from) =>
        ScalarAsync<long>(database, $"select count(*) from {from}");

    public static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
