using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Chaos;

/// <summary>A lock that holds a process where the test wants it: inside a statement that waits for the lock.</summary>
internal sealed class HeldLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly string _database;

    private HeldLock(NpgsqlConnection connection, string database)
    {
        _connection = connection;
        _database = database;
    }

    /// <summary>Takes the lock of a statement, such as <c>select … for update</c>, until <see cref="ReleaseAsync"/>.</summary>
    public static async Task<HeldLock> TakeAsync(string database, string statement)
    {
        var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"begin; {statement}", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return new(connection, database);
    }

    /// <summary>Waits until so many statements wait for the lock.</summary>
    public Task HoldsAsync(int statements) => Eventually.HoldsAsync($"{statements} statements wait for the lock", async () =>
        await Sql.CountAsync(
            _database, "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") >= statements);

    /// <summary>Lets them go on, and waits until they have done so: also those whose process is gone.</summary>
    public async Task ReleaseAsync()
    {
        await DisposeAsync();
        await Eventually.HoldsAsync("no statement waits any more", async () =>
            await Sql.CountAsync(
                _database, "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == 0);
    }

    // Closing rolls back.
    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
