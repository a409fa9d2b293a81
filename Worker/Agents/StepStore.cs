using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// The lease of the task was lost. Another run may continue the task, so this one must not write anything more.
/// </summary>
public sealed class LeaseLostException(Guid taskId) : Exception($"The lease of task {taskId} was lost.");

/// <summary>Stores steps while the lease of the job is held, so that only one of two runs of a task can write.</summary>
public sealed class StepStore
{
    /// <summary>The query of <see cref="ReadAsync"/> for the task <c>$1</c>.</summary>
    internal const string ReadSql = """
        select position, kind, content, tool, data, failed, duration_ms, input_tokens, output_tokens
        from webhooks.agent_steps where task_id = $1 order by position
        """;

    // The row stays locked until the commit, so that no other run can claim the job between the check and the write. If the
    // process is suspended in between, Postgres ends its session (StorageRegistration), and the job can be claimed again.
    private const string HoldSql = """
        select 1 from webhooks.jobs where id = $1 and lease_token = $2 for update
        """;

    // One prepared statement inserts any number of steps.
    private const string InsertSql = """
        insert into webhooks.agent_steps
            (task_id, position, kind, content, tool, data, failed, duration_ms, input_tokens, output_tokens, created_at)
        select step.*, $11 from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as step
        """;

    private const string InsertHeldSql = $"""
        with held as (select from webhooks.jobs where id = $12 and lease_token = $13 for update)
        {InsertSql}, held
        """;

    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _time;
    private readonly JobStatement<(Guid TaskId, TaskStep Step)> _insert;

    public StepStore(NpgsqlDataSource database, TimeProvider time)
    {
        _database = database;
        _time = time;
        _insert = new(steps =>
        {
            var command = new NpgsqlBatchCommand(InsertSql);
            Add(command.Parameters, steps);
            return command;
        });
    }

    /// <summary>Reads the steps of a task in order.</summary>
    /// <param name="reader">The reader of <see cref="ReadSql"/>, before its first row.</param>
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

    /// <summary>Stores steps. If the lease was lost, it stores none.</summary>
    /// <param name="job">The job of the task.</param>
    /// <exception cref="LeaseLostException">The lease was lost, and nothing was stored.</exception>
    public async Task AppendAsync(LeasedJob job, IReadOnlyList<TaskStep> steps, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(InsertHeldSql, connection);
        Add(command.Parameters, [.. steps.Select(step => (job.RefId, step))]);
        command.Parameters.Add(new() { Value = job.Id });
        command.Parameters.Add(new() { Value = job.LeaseToken });
        await command.PrepareAsync(cancellationToken);
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            throw new LeaseLostException(job.RefId);
        }
    }

    /// <summary>Applies the effect of a step and stores the step, in one transaction.</summary>
    /// <param name="job">The job of the task.</param>
    /// <param name="makeAsync">Applies the effect within the transaction and returns the step.</param>
    /// <exception cref="LeaseLostException">The lease was lost, and nothing was changed.</exception>
    public async Task<TaskStep> AppendAsync(
        LeasedJob job, Func<NpgsqlTransaction, CancellationToken, Task<TaskStep>> makeAsync, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
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
        await transaction.ExecuteAsync([_insert.For((job.RefId, step))], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return step;
    }

    /// <summary>Returns the outcome with the steps added, which are stored in the transaction that settles the job.</summary>
    public JobOutcome With(JobOutcome outcome, Guid taskId, IReadOnlyList<TaskStep> steps) =>
        outcome with { Writes = [.. steps.Select(step => _insert.Of((taskId, step))), .. outcome.Writes] };

    private void Add(NpgsqlParameterCollection parameters, IReadOnlyList<(Guid TaskId, TaskStep Step)> steps)
    {
        parameters.AddColumn(steps, each => each.TaskId, NpgsqlDbType.Uuid);
        parameters.AddColumn(steps, each => each.Step.Position, NpgsqlDbType.Integer);
        parameters.AddColumn(steps, each => each.Step.Kind, NpgsqlDbType.Text);
        parameters.AddColumn(steps, each => StorableText.Of(each.Step.Content), NpgsqlDbType.Text);
        parameters.AddColumn(steps, each => each.Step.Tool, NpgsqlDbType.Text);
        parameters.AddColumn(steps, each => each.Step.Data, NpgsqlDbType.Text);
        parameters.AddColumn(steps, each => each.Step.Failed, NpgsqlDbType.Boolean);
        parameters.AddColumn(
            steps, each => (int)Math.Min(each.Step.Duration.TotalMilliseconds, int.MaxValue), NpgsqlDbType.Integer);
        parameters.AddColumn(steps, each => each.Step.InputTokens, NpgsqlDbType.Bigint);
        parameters.AddColumn(steps, each => each.Step.OutputTokens, NpgsqlDbType.Bigint);
        parameters.Add(new() { Value = _time.GetUtcNow() });
    }
}
