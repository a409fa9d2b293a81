using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Worker.Steps;

/// <summary>The job is no longer held: somebody else goes on with the task, and this run must write nothing more.</summary>
public sealed class LeaseLostException(Guid taskId) : Exception($"The lease of task {taskId} was lost.");

/// <summary>Stores steps, each while the job's lease is held: of two runs of one task only one can write.</summary>
public sealed class StepStore(NpgsqlDataSource database, TimeProvider time)
{
    private const string ReadSql = """
        select position, kind, content, tool, data, failed, duration_ms, input_tokens, output_tokens
        from webhooks.agent_steps where task_id = $1 order by position
        """;

    // The row stays locked until the commit, so that the lease cannot change hands between look and write. A process that
    // sleeps in between would keep it for ever: Postgres ends its session then, and the job can be rescued.
    private const string HoldSql = """
        select set_config('idle_in_transaction_session_timeout', '10s', true)
        from webhooks.jobs where id = $1 and lease_token = $2 for update
        """;

    private const string InsertSql = """
        insert into webhooks.agent_steps
            (task_id, position, kind, content, tool, data, failed, duration_ms, input_tokens, output_tokens, created_at)
        select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
        """;

    private const string InsertHeldSql = $"""
        with held as (select from webhooks.jobs where id = $12 and lease_token = $13 for update)
        {InsertSql} from held
        """;

    public async Task<List<TaskStep>> ReadAsync(Guid taskId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(ReadSql);
        command.Parameters.Add(new() { Value = taskId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var steps = new List<TaskStep>();
        while (await reader.ReadAsync(cancellationToken))
        {
            steps.Add(new(reader.GetInt32(0), reader.GetString(1), reader.GetString(2))
            {
                Tool = await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetString(3),
                Data = await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetString(4),
                Failed = reader.GetBoolean(5),
                Duration = TimeSpan.FromMilliseconds(reader.GetInt32(6)),
                InputTokens = reader.GetInt64(7),
                OutputTokens = reader.GetInt64(8),
            });
        }

        return steps;
    }

    /// <summary>Stores a step.</summary>
    /// <param name="job">The task's, held.</param>
    /// <exception cref="LeaseLostException">It was not stored.</exception>
    public async Task AppendAsync(LeasedJob job, TaskStep step, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(InsertHeldSql);
        Add(command, job.RefId, step);
        command.Parameters.Add(new() { Value = job.Id });
        command.Parameters.Add(new() { Value = job.LeaseToken });
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            throw new LeaseLostException(job.RefId);
        }
    }

    /// <summary>Stores a step and does its effect in one transaction.</summary>
    /// <param name="job">The task's, held.</param>
    /// <param name="makeAsync">Makes the step, and does its effect within the transaction.</param>
    /// <exception cref="LeaseLostException">Nothing was stored and nothing done.</exception>
    public async Task<TaskStep> AppendAsync(
        LeasedJob job, Func<NpgsqlTransaction, CancellationToken, Task<TaskStep>> makeAsync, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var hold = new NpgsqlCommand(HoldSql, connection, transaction))
        {
            hold.Parameters.Add(new() { Value = job.Id });
            hold.Parameters.Add(new() { Value = job.LeaseToken });
            if (await hold.ExecuteScalarAsync(cancellationToken) is null)
            {
                throw new LeaseLostException(job.RefId);
            }
        }

        var step = await makeAsync(transaction, cancellationToken);
        await InsertAsync(job.RefId, step, transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return step;
    }

    /// <summary>Stores a step within the transaction that settles the task's job.</summary>
    public async Task InsertAsync(Guid taskId, TaskStep step, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(InsertSql, transaction.Connection, transaction);
        Add(command, taskId, step);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private void Add(NpgsqlCommand command, Guid taskId, TaskStep step)
    {
        command.Parameters.Add(new() { Value = taskId });
        command.Parameters.Add(new() { Value = step.Position });
        command.Parameters.Add(new() { Value = step.Kind });
        command.Parameters.Add(new() { Value = StorableText.Of(step.Content) });
        command.Parameters.Add(new() { Value = (object?)step.Tool ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)step.Data ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = step.Failed });
        command.Parameters.Add(new() { Value = (int)Math.Min(step.Duration.TotalMilliseconds, int.MaxValue) });
        command.Parameters.Add(new() { Value = step.InputTokens });
        command.Parameters.Add(new() { Value = step.OutputTokens });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
    }
}
