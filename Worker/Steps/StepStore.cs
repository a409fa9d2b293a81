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
    /// <summary>What <see cref="ReadAsync"/> reads, of the task <c>$1</c>.</summary>
    internal const string ReadSql = """
        select position, kind, content, tool, data, failed, duration_ms, input_tokens, output_tokens
        from webhooks.agent_steps where task_id = $1 order by position
        """;

    // The row stays locked until the commit, so that the lease cannot change hands between look and write. A process that
    // sleeps in between would keep it for ever: Postgres ends its session then (StorageRegistration), and the job can be claimed again.
    private const string HoldSql = """
        select 1 from webhooks.jobs where id = $1 and lease_token = $2 for update
        """;

    // Any number of steps, so that one prepared statement serves all.
    private const string InsertSql = """
        insert into webhooks.agent_steps
            (task_id, position, kind, content, tool, data, failed, duration_ms, input_tokens, output_tokens, created_at)
        select $1, step.*, $11 from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) as step
        """;

    private const string InsertHeldSql = $"""
        with held as (select from webhooks.jobs where id = $12 and lease_token = $13 for update)
        {InsertSql}, held
        """;

    /// <summary>Reads a task's steps in their order.</summary>
    /// <param name="reader">Of <see cref="ReadSql"/>, before its first row.</param>
    internal static async Task<List<TaskStep>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var steps = new List<TaskStep>();
        while (await reader.ReadAsync(cancellationToken))
        {
            steps.Add(new(reader.GetInt32(0), reader.GetString(1), reader.GetString(2))
            {
                Tool = reader.IsDBNull(3) ? null : reader.GetString(3),
                Data = reader.IsDBNull(4) ? null : reader.GetString(4),
                Failed = reader.GetBoolean(5),
                Duration = TimeSpan.FromMilliseconds(reader.GetInt32(6)),
                InputTokens = reader.GetInt64(7),
                OutputTokens = reader.GetInt64(8),
            });
        }

        return steps;
    }

    /// <summary>Stores steps: all of them or, when the lease was lost, none.</summary>
    /// <param name="job">The task's, held.</param>
    /// <exception cref="LeaseLostException">They were not stored.</exception>
    public async Task AppendAsync(LeasedJob job, IReadOnlyList<TaskStep> steps, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(InsertHeldSql, connection);
        Add(command.Parameters, job.RefId, steps);
        command.Parameters.Add(new() { Value = job.Id });
        command.Parameters.Add(new() { Value = job.LeaseToken });
        await command.PrepareAsync(cancellationToken);
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
        await InsertAsync(job.RefId, [step], transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return step;
    }

    /// <summary>The outcome, which stores the steps too, in the transaction that settles the task's job.</summary>
    public JobOutcome With(JobOutcome outcome, Guid taskId, IReadOnlyList<TaskStep> steps)
    {
        var rest = outcome.Writes;
        return steps.Count == 0 ? outcome : outcome with
        {
            Writes = () =>
            {
                var insert = new NpgsqlBatchCommand(InsertSql);
                Add(insert.Parameters, taskId, steps);
                return [insert, .. rest?.Invoke() ?? []];
            },
        };
    }

    private async Task InsertAsync(
        Guid taskId, IReadOnlyList<TaskStep> steps, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(InsertSql, transaction.Connection, transaction);
        Add(command.Parameters, taskId, steps);
        await command.PrepareAsync(cancellationToken);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private void Add(NpgsqlParameterCollection parameters, Guid taskId, IReadOnlyList<TaskStep> steps)
    {
        void Column<T>(Func<TaskStep, T> value, NpgsqlDbType type) =>
            parameters.Add(new() { Value = steps.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });

        parameters.Add(new() { Value = taskId });
        Column(step => step.Position, NpgsqlDbType.Integer);
        Column(step => step.Kind, NpgsqlDbType.Text);
        Column(step => StorableText.Of(step.Content), NpgsqlDbType.Text);
        Column(step => step.Tool, NpgsqlDbType.Text);
        Column(step => step.Data, NpgsqlDbType.Text);
        Column(step => step.Failed, NpgsqlDbType.Boolean);
        Column(step => (int)Math.Min(step.Duration.TotalMilliseconds, int.MaxValue), NpgsqlDbType.Integer);
        Column(step => step.InputTokens, NpgsqlDbType.Bigint);
        Column(step => step.OutputTokens, NpgsqlDbType.Bigint);
        parameters.Add(new() { Value = time.GetUtcNow() });
    }
}
