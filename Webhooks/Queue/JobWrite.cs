using Npgsql;

namespace Aspire.Webhooks.Queue;

/// <summary>
/// A row that a job writes in the transaction that settles it. <see cref="JobStatement{TRow}.Of"/> makes it. Rows of the same
/// statement from several jobs are sent together.
/// </summary>
public sealed class JobWrite
{
    private readonly JobStatement _statement;
    private readonly object _row;

    internal JobWrite(JobStatement statement, object row) => (_statement, _row) = (statement, row);

    /// <summary>Makes one command per statement, in the order in which the statements first occur.</summary>
    internal static NpgsqlBatchCommand[] Commands(IEnumerable<JobWrite> writes) =>
        [.. writes.GroupBy(write => write._statement, write => write._row).Select(rows => rows.Key.Command(rows))];
}

/// <summary>A <see cref="JobStatement{TRow}"/> whose rows may be of any type.</summary>
public abstract class JobStatement
{
    internal abstract NpgsqlBatchCommand Command(IEnumerable<object> rows);
}

/// <summary>A statement that writes any number of rows, those of many jobs at once.</summary>
/// <param name="command">Makes the command that writes the rows. It is called again when the transaction is repeated.</param>
public sealed class JobStatement<TRow>(Func<IReadOnlyList<TRow>, NpgsqlBatchCommand> command) : JobStatement
    where TRow : notnull
{
    /// <summary>Makes the write of one row, which may be sent with rows of other jobs.</summary>
    public JobWrite Of(TRow row) => new(this, row);

    /// <summary>Makes the command for these rows alone.</summary>
    public NpgsqlBatchCommand For(params IReadOnlyList<TRow> rows) => command(rows);

    internal override NpgsqlBatchCommand Command(IEnumerable<object> rows) => For([.. rows.Cast<TRow>()]);
}
