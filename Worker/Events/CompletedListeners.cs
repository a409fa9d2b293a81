using Npgsql;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>
/// Stores which listeners of a job have succeeded, so that a retry runs only those that failed. A replay is another job and
/// runs all of them.
/// </summary>
public sealed class CompletedListeners(NpgsqlDataSource database)
{
    private const string ReadSql = "select listener from webhooks.completed_listeners where job_id = $1";

    private const string AddSql =
        "insert into webhooks.completed_listeners (job_id, listener) values ($1, $2) on conflict do nothing";

    /// <summary>Returns the names of the listeners that have succeeded.</summary>
    public async Task<IReadOnlySet<string>> ReadAsync(long jobId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(ReadSql);
        command.Parameters.Add(new() { Value = jobId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    /// <summary>Stores a success. After a crash before this call the listener runs again.</summary>
    public async Task AddAsync(long jobId, string listener)
    {
        // The statement is not cancelled with the job, because the effect of the listener has happened.
        await using var command = database.CreateCommand(AddSql);
        command.Parameters.Add(new() { Value = jobId });
        command.Parameters.Add(new() { Value = listener });
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
